# The module `esp32` of a virtual ESP32: the few things a program asks without wires, and its NVS.
import uctypes as _uctypes
import _host as _h

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


_NAMES = {
    0x1102: "ESP_ERR_NVS_NOT_FOUND",
    0x1103: "ESP_ERR_NVS_TYPE_MISMATCH",
    0x1105: "ESP_ERR_NVS_NOT_ENOUGH_SPACE",
    0x1106: "ESP_ERR_NVS_INVALID_NAME",
    0x1109: "ESP_ERR_NVS_KEY_TOO_LONG",
    0x110C: "ESP_ERR_NVS_INVALID_LENGTH",
    0x110E: "ESP_ERR_NVS_VALUE_TOO_LONG",
}


def _checked(answer):
    if isinstance(answer, str):
        return int(answer)
    if answer < 0:
        raise OSError(answer, _NAMES.get(-answer, "ESP_FAIL"))
    return answer


_open = _h.nvs_open
_set_int = _h.nvs_set_i32
_get_int = _h.nvs_get_i32
_set_bytes = _h.nvs_set_blob
_get_bytes = _h.nvs_get_blob
_erase = _h.nvs_erase
_address = _uctypes.addressof


class NVS:
    # Each set is in the flash when it returns, as in ESP-IDF's library; commit has nothing left to do.
    def __init__(self, namespace):
        self._space = _checked(_open(namespace))

    def set_i32(self, key, value):
        value = int(value) & 0xFFFFFFFF
        _checked(_set_int(self._space, key, value - 0x100000000 if value >> 31 else value))

    def get_i32(self, key):
        return _checked(_get_int(self._space, key))

    def set_blob(self, key, value):
        data = bytearray(memoryview(value))
        _checked(_set_bytes(self._space, key, _address(data) if data else 0, len(data)))

    def get_blob(self, key, buffer):
        room = bytearray(len(buffer))
        length = _checked(_get_bytes(self._space, key, _address(room) if room else 0, len(room)))
        memoryview(buffer)[:length] = room[:length]
        return length

    def erase_key(self, key):
        _checked(_erase(self._space, key))

    def commit(self):
        pass

    def __repr__(self):
        return "<NVS namespace>"
