# A virtual board runs one thread of Python: its VM was built without the others.
raise ImportError(
    "no _thread on a virtual board: it has one thread; asyncio and machine.Timer work, "
    "and threads on a real ESP32"
)
