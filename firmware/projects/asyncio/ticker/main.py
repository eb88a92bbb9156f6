# main.py of the ticker: one task blinks, one counts, one talks; none waits for the others.
import machine
import together
from talk import Talk
from together import asyncio

mqtt_server = 'REPLACE_WITH_YOUR_MQTT_BROKER_IP'
mqtt_port = 1883
mqtt_user = ''
mqtt_password = ''
mqtt_ca = ''

led = machine.Pin(2, machine.Pin.OUT)
talk = Talk(mqtt_server, mqtt_port, mqtt_user, mqtt_password, mqtt_ca)


async def blink():
    while True:
        led.value(not led.value())
        await asyncio.sleep_ms(250)


async def count():
    number = 0
    while True:
        number += 1
        talk.say('tick', str(number))
        await asyncio.sleep(1)


together.run(talk, blink, count)
