# main.py of the ticker: one task blinks, one counts, one talks; none waits for the others.
try:
    import asyncio
except ImportError:  # before MicroPython 1.21
    import uasyncio as asyncio
import machine
from talk import Talk

mqtt_server = 'REPLACE_WITH_YOUR_MQTT_BROKER_IP'
mqtt_port = 1883

led = machine.Pin(2, machine.Pin.OUT)
talk = Talk(mqtt_server, mqtt_port)


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


async def main():
    talk.connect()
    asyncio.create_task(blink())
    counting = asyncio.create_task(count())
    try:
        while True:
            talk.step()
            await asyncio.sleep_ms(20)
    finally:
        counting.cancel()


while True:
    try:
        asyncio.run(main())
    except OSError as error:
        print('MQTT: no connection to', mqtt_server, '-', error)
    asyncio.new_event_loop()
    asyncio.run(asyncio.sleep(3))
