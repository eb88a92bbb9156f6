# Turns the VM into a virtual ESP32: runs once at each start, before boot.py, and leaves no names behind.
# Below: _host, functions of numbers and text (src/virtual/vmHost.ts). Above: everything a program imports.


def _start():
    import sys, vfs, builtins, micropython

    sys.path.append("/flash/rom")
    import os

    vfs.umount("/")
    vfs.mount(vfs.VfsPosix("/flash"), "/")
    os.chdir("/")
    sys.path[:] = ["", ".frozen", "/lib", "/rom"]

    real = sys.modules
    names = (
        ("sys", "_sys"),
        ("micropython", "_micropython"),
        ("time", "_time"),
        ("os", "_os"),
        ("machine", "machine"),
        ("esp", "esp"),
        ("esp32", "esp32"),
        ("network", "network"),
        ("socket", "socket"),
        ("select", "_select"),
        ("hashlib", "_hashlib"),
    )
    found = []
    for name, file in names:
        module = __import__(file)
        del real[file]
        module.__dict__["__name__"] = name
        real[name] = module
        found.append(module)
        if name in ("time", "os", "socket", "select", "machine", "hashlib", "sys"):
            real["u" + name] = module
    # A frozen one of micropython-lib, written in Python, would be found before it.
    real["binascii"] = real["ubinascii"] = __import__("ubinascii")
    builtins.input = real["sys"]._input
    builtins.help = __import__("_help").install(builtins.help)
    del real["_help"]
    machine = real["machine"]
    micropython.schedule(machine._tick, 0)
    machine._adopt()
    del real["_host"]
    for module in found:
        for name in ("_host", "_h"):
            module.__dict__.pop(name, None)


_start()
del _start
