# main.py of machine1. It starts the conversation:
#   machine1 says      hello #1     on the topic  hello
#   machine2 answers   received #1  on            notification
#   machine1 confirms  heard #1     on            hello/ack
# Anybody may say on or off on esp32/output: the LED obeys, and esp32/state tells.
import time
import machine
import ubinascii
from umqttsimple import MQTTClient, MQTTException

mqtt_server = 'REPLACE_WITH_YOUR_MQTT_BROKER_IP'
mqtt_port = 1883
mqtt_user = ''  # both empty: the broker lets everyone in
mqtt_password = ''
mqtt_ca = ''  # a certificate on the board: with it the broker is spoken to over TLS
client_id = ubinascii.hexlify(machine.unique_id())
led = machine.Pin(2, machine.Pin.OUT)


def say(topic, message):
    print('I say', message.decode(), 'on', topic.decode())
    client.publish(topic, message)


def on_message(topic, message):
    # Not decode(): anybody may send bytes that are no text.
    print('I hear', str(message)[2:-1], 'on', topic.decode())
    if topic == b'notification' and message.startswith(b'received'):
        say(b'hello/ack', b'heard' + message[len(b'received'):])
    elif topic == b'esp32/output' and message in (b'on', b'off'):
        led.value(1 if message == b'on' else 0)
        say(b'esp32/state', b'machine1 led ' + message)


def converse():
    """Talk until something goes wrong; then an OSError or MQTTException ends it."""
    global counter
    client.connect()
    client.subscribe(b'notification')
    client.subscribe(b'esp32/output')
    print('MQTT: connected to', mqtt_server)
    greeted = pinged = time.ticks_ms()
    while True:
        client.check_msg()
        now = time.ticks_ms()
        if time.ticks_diff(now, greeted) >= 2000:
            greeted = now
            counter += 1
            say(b'hello', b'hello #%d' % counter)
        if time.ticks_diff(now, pinged) >= 10000:
            pinged = now
            client.ping()
        if time.ticks_diff(now, client.last_heard) >= 25000:
            raise OSError('the broker is silent')
        time.sleep_ms(20)


def tls():
    """What ssl needs in order to trust the broker, and nobody else."""
    if not mqtt_ca:
        return {}
    with open(mqtt_ca, 'rb') as file:
        # 2 is ssl.CERT_REQUIRED
        return {'cadata': file.read(), 'cert_reqs': 2, 'server_hostname': mqtt_server}


client = MQTTClient(
    client_id,
    mqtt_server,
    mqtt_port,
    user=mqtt_user or None,
    password=mqtt_password or None,
    keepalive=30,
    ssl=bool(mqtt_ca),
    ssl_params=tls(),
)
client.set_callback(on_message)
counter = 0
pause = 1
while True:
    started = time.ticks_ms()
    try:
        if not station.isconnected():  # station and connect_wifi come from boot.py
            station = connect_wifi()
        converse()
    except OSError as error:
        print('MQTT: no connection to', mqtt_server, '-', error)
    except MQTTException as error:
        print('MQTT: the broker at', mqtt_server, 'refuses, code', error)
    if time.ticks_diff(time.ticks_ms(), started) > 30000:
        pause = 1  # it went well for a while: be quick again
    print('MQTT: next try in', pause, 's (Ctrl-C stops)')
    time.sleep(pause)
    pause = min(pause * 2, 30)
