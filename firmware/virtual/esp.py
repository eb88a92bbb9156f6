# The module `esp` of a virtual ESP32.
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
