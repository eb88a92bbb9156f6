# asyncio: tasks that take turns, wait for each other, time out and are cancelled.
import asyncio
import network
import time

wlan = network.WLAN(network.STA_IF)
wlan.active(True)
wlan.connect("Parley")
while not wlan.isconnected():
    time.sleep_ms(10)

order = []


async def worker(name, delay, times):
    for i in range(times):
        await asyncio.sleep_ms(delay)
        order.append("%s%d" % (name, i))
    return name.upper()


async def fails():
    await asyncio.sleep_ms(10)
    raise ValueError("on purpose")


async def consumer(queue, event, lock):
    got = []
    while len(got) < 3:
        await event.wait()
        event.clear()
        async with lock:
            while queue:
                got.append(queue.pop(0))
    return got


async def producer(queue, event, lock):
    for i in range(3):
        async with lock:
            queue.append(i * i)
        event.set()
        await asyncio.sleep_ms(5)


async def echo(reader, writer):
    while True:
        line = await reader.readline()
        if not line:
            break
        writer.write(line.upper())
        await writer.drain()
    writer.close()
    await writer.wait_closed()


async def main():
    print(await asyncio.gather(worker("a", 100, 3), worker("b", 250, 1)))
    print(order)

    results = await asyncio.gather(worker("c", 1, 1), fails(), return_exceptions=True)
    print(results[0], repr(results[1]))

    try:
        await asyncio.wait_for(worker("slow", 1000, 1), 0.05)
    except asyncio.TimeoutError:
        print("timeout")

    task = asyncio.create_task(worker("never", 500, 9))
    await asyncio.sleep_ms(0)
    print(task.done())
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        print("cancelled", task.done())

    queue, event, lock = [], asyncio.Event(), asyncio.Lock()
    got, _ = await asyncio.gather(consumer(queue, event, lock), producer(queue, event, lock))
    print(got, event.is_set(), lock.locked())

    server = await asyncio.start_server(echo, "127.0.0.1", 8765)
    reader, writer = await asyncio.open_connection("127.0.0.1", 8765)
    for word in (b"hello\n", b"board\n"):
        writer.write(word)
        await writer.drain()
        print(await reader.readline())
    writer.close()
    await writer.wait_closed()
    server.close()
    await server.wait_closed()

    flag = asyncio.ThreadSafeFlag()
    flag.set()
    await flag.wait()
    print("flag", asyncio.current_task() is not None)
    return "end"


print(asyncio.run(main()))
loop = asyncio.new_event_loop()
print(loop.run_until_complete(worker("z", 1, 1)), order[-1])
