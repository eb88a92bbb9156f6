# The module `esp32` of a virtual ESP32: the few things a program asks without wires, and its NVS, its partitions.
import uctypes as _uctypes
import _host as _h

WAKEUP_ALL_LOW = False
WAKEUP_ANY_HIGH = True
HEAP_DATA = 4
HEAP_EXEC = 1
_address = _uctypes.addressof

_ERRORS = {
    0x102: "ESP_ERR_INVALID_ARG",
    0x104: "ESP_ERR_INVALID_SIZE",
    0x105: "ESP_ERR_NOT_FOUND",
    0x10D: "ESP_ERR_NOT_ALLOWED",
}
_flash_read = _h.flash_read
_flash_write = _h.flash_write
_flash_erase = _h.flash_erase


def _done(answer):
    if answer:
        raise OSError(answer, _ERRORS.get(-answer, "ESP_FAIL"))


def _table():
    # ESP-IDF Programming Guide, "Partition Tables": entries of 32 bytes that begin with AA 50.
    entry = bytearray(32)
    for at in range(0x8000, 0x8C00, 32):
        _done(_flash_read(at, _address(entry), 32))
        if entry[:2] != b"\xaaP":
            return
        offset, size = [int.from_bytes(entry[n : n + 4], "little") for n in (4, 8)]
        label = bytes(entry[12:28]).split(b"\0")[0].decode()
        yield entry[2], entry[3], offset, size, label, bool(entry[28] & 1)


class Partition:
    BOOT = 0
    RUNNING = 1
    TYPE_APP = 0
    TYPE_DATA = 1

    def __init__(self, id, block_size=4096, _info=None):
        if _info is None:
            all = list(_table())
            if isinstance(id, str):
                fits = [info for info in all if info[4] == id]
            elif id in (0, 1):
                # The factory's, else the first for updates: what the bootloader starts.
                apps = [info for info in all if info[0] == 0]
                fits = [info for info in apps if info[1] == 0] or apps
            else:
                raise ValueError
            if not fits:
                raise OSError(2)
            _info = fits[0]
        self._all = _info
        self._block = block_size

    @staticmethod
    def find(type=0, subtype=0xFF, label=None, block_size=4096):
        found = []
        for info in _table():
            same = info[0] == type and subtype in (0xFF, info[1]) and label in (None, info[4])
            if same:
                found.append(Partition(info[4], block_size, info))
        return found

    def info(self):
        return self._all

    def _place(self, block, buf, offset):
        at = block * self._block + offset
        if at > self._all[3]:
            _done(-0x102)
        if at + len(buf) > self._all[3]:
            _done(-0x104)
        return self._all[2] + at

    def readblocks(self, block_num, buf, offset=0):
        at = self._place(block_num, buf, offset)
        _done(_flash_read(at, _address(buf) if len(buf) else 0, len(buf)))

    def writeblocks(self, block_num, buf, offset=None):
        at = self._place(block_num, buf, offset or 0)
        if offset is None:
            _done(_flash_erase(at, len(buf)))
        data = bytearray(memoryview(buf))
        _done(_flash_write(at, _address(data) if data else 0, len(data)))

    def ioctl(self, cmd, arg):
        if cmd in (1, 2, 3):
            return 0
        if cmd == 4:
            return self._all[3] // self._block
        if cmd == 5:
            return self._block
        if cmd == 6:
            _done(_flash_erase(self._all[2] + arg * self._block, self._block))
            return 0

    def set_boot(self):
        # No table here has the partition that says which application is next.
        _done(-0x105)

    def get_next_update(self):
        # Where this goes there is none beside the one that runs.
        raise OSError(2)

    @classmethod
    def mark_app_valid_cancel_rollback(cls):
        pass

    def __repr__(self):
        return "<Partition type=%u, subtype=%u, address=%u, size=%u, label=%s, encrypted=%u>" % self._all


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


def wake_on_touch(wake):
    pass


def wake_on_ulp(wake):
    pass


def wake_on_gpio(pins, level):
    pass


def gpio_deep_sleep_hold(enable):
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
