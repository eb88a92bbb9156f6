# main.py of the display: draws what the sensor says as a bar, here on the prompt. With an OLED on
# I2C, write the same text there.
import json
from talk import Talk

mqtt_server = 'REPLACE_WITH_YOUR_MQTT_BROKER_IP'
mqtt_port = 1883
mqtt_user = ''
mqtt_password = ''
mqtt_ca = ''

talk = Talk(mqtt_server, mqtt_port, mqtt_user, mqtt_password, mqtt_ca)


def show(message):
    try:
        level = json.loads(message)['level']
    except (ValueError, KeyError, TypeError):
        print('That is no reading:', message)
        return
    filled = min(max(level // 5, 0), 20)
    talk.say('display/shown', '[' + '#' * filled + '.' * (20 - filled) + '] %d %%' % level)


talk.hear('sensor/reading', show)
talk.run()
