# main.py of the listener: one task hears, one adds up what was heard.
import together
from talk import Talk
from together import asyncio

mqtt_server = 'REPLACE_WITH_YOUR_MQTT_BROKER_IP'
mqtt_port = 1883
mqtt_user = ''
mqtt_password = ''
mqtt_ca = ''

talk = Talk(mqtt_server, mqtt_port, mqtt_user, mqtt_password, mqtt_ca)
heard = 0


def on_tick(message):
    global heard
    heard += 1


async def add_up():
    global heard
    while True:
        await asyncio.sleep(5)
        talk.say('tick/rate', str(heard))
        heard = 0


talk.hear('tick', on_tick)
together.run(talk, add_up)
