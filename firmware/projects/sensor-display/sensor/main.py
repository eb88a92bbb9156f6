# main.py of the sensor: a potentiometer between 3V3 and GND, its middle leg on GPIO 34.
import json
import machine
from talk import Talk

mqtt_server = 'REPLACE_WITH_YOUR_MQTT_BROKER_IP'
mqtt_port = 1883
mqtt_user = ''
mqtt_password = ''
mqtt_ca = ''

adc = machine.ADC(machine.Pin(34))
adc.atten(machine.ADC.ATTN_11DB)  # the whole range up to about 3.3 V
talk = Talk(mqtt_server, mqtt_port, mqtt_user, mqtt_password, mqtt_ca)


def measure():
    # Sixteen readings: one alone jumps by a few percent.
    level = sum(adc.read() for _ in range(16)) * 100 // (16 * 4095)
    talk.say('sensor/reading', json.dumps({'level': level}), retain=True)


talk.every(2000, measure)
talk.run()
