# Time from this computer's clock, which is right already: a virtual board needs no server to ask.
import time as _time

host = "pool.ntp.org"
timeout = 1


def time():
    return _time.time() - _time._offset[0]


def settime():
    _time._offset[0] = 0
