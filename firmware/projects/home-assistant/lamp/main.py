# main.py of the lamp: the LED of the board (GPIO 2). Home Assistant finds it by itself.
import json
import machine
from talk import Talk

mqtt_server = 'REPLACE_WITH_YOUR_MQTT_BROKER_IP'
mqtt_port = 1883
mqtt_user = ''
mqtt_password = ''
mqtt_ca = ''

led = machine.Pin(2, machine.Pin.OUT)
talk = Talk(mqtt_server, mqtt_port, mqtt_user, mqtt_password, mqtt_ca)


def announce():
    config = {
        'name': 'Lamp',
        'unique_id': talk.name + '_lamp',
        'command_topic': 'lamp/set',
        'state_topic': 'lamp/state',
        'device': {'identifiers': [talk.name], 'name': 'Lamp'},
    }
    talk.say('homeassistant/light/' + talk.name + '/config', json.dumps(config), retain=True)
    tell()


def tell():
    talk.say('lamp/state', 'ON' if led.value() else 'OFF', retain=True)


def switch(message):
    if message in ('ON', 'OFF'):
        led.value(message == 'ON')
        tell()


talk.hear('lamp/set', switch)
talk.every(60000, announce)
talk.on_connect = announce
talk.run()
