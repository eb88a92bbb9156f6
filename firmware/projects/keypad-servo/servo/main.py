# main.py of the servo: its signal wire on GPIO 18; 0 is at one end, 9 at the other.
import machine
from talk import Talk

mqtt_server = 'REPLACE_WITH_YOUR_MQTT_BROKER_IP'
mqtt_port = 1883
mqtt_user = ''
mqtt_password = ''
mqtt_ca = ''

pwm = machine.PWM(machine.Pin(18), freq=50)
talk = Talk(mqtt_server, mqtt_port, mqtt_user, mqtt_password, mqtt_ca)


def turn(angle):
    # A pulse of 0.5 ms is 0 degrees, 2.5 ms is 180; a period is 20 ms, and 1023 is all of it.
    pwm.duty(int((0.5 + angle / 90) * 1023 / 20))
    talk.say('servo/angle', str(angle), retain=True)


def on_key(key):
    if key.isdigit():
        turn(int(key) * 20)


talk.hear('keypad/key', on_key)
talk.run()
