# main.py of the thermometer: Home Assistant finds it by itself (MQTT discovery).
import json
import esp32
from talk import Talk

mqtt_server = 'REPLACE_WITH_YOUR_MQTT_BROKER_IP'
mqtt_port = 1883
mqtt_user = ''
mqtt_password = ''
mqtt_ca = ''

talk = Talk(mqtt_server, mqtt_port, mqtt_user, mqtt_password, mqtt_ca)


def announce():
    config = {
        'name': 'Chip temperature',
        'unique_id': talk.name + '_temperature',
        'state_topic': 'thermometer/state',
        'value_template': '{{ value_json.temperature }}',
        'unit_of_measurement': '°C',
        'device_class': 'temperature',
        'device': {'identifiers': [talk.name], 'name': 'Thermometer'},
    }
    topic = 'homeassistant/sensor/' + talk.name + '/config'
    talk.say(topic, json.dumps(config), retain=True)


def measure():
    celsius = round((esp32.raw_temperature() - 32) / 1.8, 1)
    talk.say('thermometer/state', json.dumps({'temperature': celsius}))


talk.every(60000, announce)
talk.every(5000, measure)
talk.on_connect = announce
talk.run()
