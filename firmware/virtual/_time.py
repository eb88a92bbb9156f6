# The module `time` of an ESP32: whole seconds since 2000, sleeps that Ctrl-C and timers can break.
import time as _real
import _host as _h

_EPOCH = 946684800
_now = _h.now
_unix = _h.unix
_sleep = _h.sleep
_PERIOD = const(1 << 30)
_HALF = const(1 << 29)
_offset = [0]


def time():
    return int(_unix()) - _EPOCH + _offset[0]


def time_ns():
    return int((_unix() - _EPOCH + _offset[0]) * 1000000) * 1000


def _wait(ms):
    end = _now() + ms
    while not _sleep(ms):
        ms = end - _now()
        if ms <= 0:
            break


def sleep(s):
    _wait(s * 1000)


def sleep_ms(ms):
    _wait(ms)


def sleep_us(us):
    _wait(us / 1000)


def ticks_ms():
    return int(_now()) & (_PERIOD - 1)


def ticks_us():
    return int(_now() * 1000) & (_PERIOD - 1)


def ticks_cpu():
    return ticks_us()


def ticks_add(a, b):
    return (a + b) & (_PERIOD - 1)


def ticks_diff(a, b):
    return ((a - b + _HALF) & (_PERIOD - 1)) - _HALF


_DAYS = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)


def _days(year, month, day):
    y = year - 2000
    d = y * 365 + (y + 3) // 4 - (y + 99) // 100 + (y + 399) // 400 + _DAYS[month - 1] + day - 1
    if month > 2 and (year % 4 == 0 and (year % 100 or year % 400 == 0)):
        d += 1
    return d


def mktime(t):
    year, month, day, hour, minute, second = t[:6]
    year += (month - 1) // 12
    month = (month - 1) % 12 + 1
    return ((_days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second


def gmtime(t=None):
    if t is None:
        t = time()
    t = int(t)
    days, rest = divmod(t, 86400)
    year = 2000 + days // 366
    while _days(year + 1, 1, 1) <= days:
        year += 1
    while _days(year, 1, 1) > days:
        year -= 1
    month = 1
    while month < 12 and _days(year, month + 1, 1) <= days:
        month += 1
    day = days - _days(year, month, 1) + 1
    return (
        year,
        month,
        day,
        rest // 3600,
        rest // 60 % 60,
        rest % 60,
        (days + 5) % 7,
        days - _days(year, 1, 1) + 1,
    )


localtime = gmtime
