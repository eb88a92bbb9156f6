# main.py of the listener: one task hears, one adds up what was heard.
try:
    import asyncio
except ImportError:  # before MicroPython 1.21
    import uasyncio as asyncio
from talk import Talk

mqtt_server = 'REPLACE_WITH_YOUR_MQTT_BROKER_IP'
mqtt_port = 1883

talk = Talk(mqtt_server, mqtt_port)
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


async def main():
    talk.connect()
    adding = asyncio.create_task(add_up())
    try:
        while True:
            talk.step()
            await asyncio.sleep_ms(20)
    finally:
        adding.cancel()


talk.hear('tick', on_tick)
while True:
    try:
        asyncio.run(main())
    except OSError as error:
        print('MQTT: no connection to', mqtt_server, '-', error)
    asyncio.new_event_loop()
    asyncio.run(asyncio.sleep(3))
