# together.py talks while other tasks work, and comes back by itself whenever the line was cut.
#   run(talk, count)       talks, and runs count() beside it, as long as there is a connection
try:
    import asyncio
except ImportError:  # before MicroPython 1.21
    import uasyncio as asyncio


async def _together(talk, jobs):
    talk.connect()
    tasks = [asyncio.create_task(job()) for job in jobs]
    try:
        while True:
            talk.step()
            await asyncio.sleep_ms(20)
    finally:
        for task in tasks:
            task.cancel()


def run(talk, *jobs):
    while True:
        try:
            asyncio.run(_together(talk, jobs))
        except OSError as error:
            print('MQTT: no connection to', talk.server, '-', error)
        asyncio.new_event_loop()
        asyncio.run(asyncio.sleep(3))
