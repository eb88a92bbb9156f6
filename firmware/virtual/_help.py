# `help('modules')` of an ESP32; all other help is the VM's own.
_NAMES = """__main__ _asyncio array asyncio binascii builtins cmath collections deflate dht ds18x20 errno
esp esp32 framebuf gc hashlib heapq io json machine math micropython mip neopixel network ntptime
onewire os platform random re requests select socket ssl struct sys time tls uasyncio uctypes
umqtt/robust umqtt/simple vfs"""


def install(real):
    def help(*what):
        if what == ("modules",):
            names = _NAMES.split()
            rows = (len(names) + 3) // 4
            for i in range(rows):
                print("".join("%-18s" % n for n in names[i::rows]))
            print("Plus any modules on the filesystem")
        else:
            real(*what)

    return help
