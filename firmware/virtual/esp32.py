# The module `esp32` of a virtual ESP32: the few things a program asks without wires.
WAKEUP_ALL_LOW = False
WAKEUP_ANY_HIGH = True
HEAP_DATA = 4
HEAP_EXEC = 1


def raw_temperature():
    return 128


def mcu_temperature():
    return 53


def hall_sensor():
    return 0


def wake_on_ext0(pin=None, level=None):
    pass


def wake_on_ext1(pins=None, level=None):
    pass


def idf_heap_info(capabilities):
    return [(113840, 90000, 65536, 88000)]


class NVS:
    _spaces = {}

    def __init__(self, namespace):
        self._values = NVS._spaces.setdefault(namespace, {})

    def set_i32(self, key, value):
        self._values[key] = value

    def get_i32(self, key):
        if key not in self._values:
            raise OSError(-4354, "ESP_ERR_NVS_NOT_FOUND")
        return self._values[key]

    def erase_key(self, key):
        self.get_i32(key)
        del self._values[key]

    def commit(self):
        pass
