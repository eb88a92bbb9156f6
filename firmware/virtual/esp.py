# The module `esp` of a virtual ESP32: its flash chip, past the file system.
import uctypes as _uctypes
import _host as _h

LOG_NONE = 0
LOG_ERROR = 1
LOG_WARNING = 2
LOG_INFO = 3
LOG_DEBUG = 4
LOG_VERBOSE = 5


def osdebug(uart, level=LOG_ERROR):
    pass


def flash_size():
    return 4 * 1024 * 1024


def flash_user_start():
    return 0x200000


_read = _h.flash_read
_write = _h.flash_write
_erase = _h.flash_erase
_address = _uctypes.addressof


def _done(answer):
    if answer:
        raise OSError(answer)


def flash_read(offset, what):
    buf = bytearray(what) if isinstance(what, int) else what
    _done(_read(offset, _address(buf) if len(buf) else 0, len(buf)))
    if buf is not what:
        return bytes(buf)


def flash_write(offset, buf):
    data = bytearray(memoryview(buf))
    _done(_write(offset, _address(data) if data else 0, len(data)))


def flash_erase(sector):
    _done(_erase(sector * 4096, 4096))
