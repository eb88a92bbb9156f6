"""Time: waiting, measuring, the calendar. Seconds count from 2000-01-01 on most boards."""

from typing import Sequence

def sleep(seconds: float, /) -> None:
    """Waits so many seconds; a fraction is fine."""

def sleep_ms(ms: int, /) -> None:
    """Waits so many milliseconds."""

def sleep_us(us: int, /) -> None:
    """Waits so many microseconds."""

def ticks_ms() -> int:
    """Milliseconds of a counter that begins anew now and then: compare with ticks_diff only."""

def ticks_us() -> int:
    """The same in microseconds."""

def ticks_cpu() -> int:
    """The same, as fine as the processor can count."""

def ticks_add(ticks: int, delta: int, /) -> int:
    """A moment so much later (or earlier)."""

def ticks_diff(end: int, start: int, /) -> int:
    """How much later end is than start; right also where the counter began anew between them."""

def time() -> int:
    """Seconds since the epoch (2000 on an ESP32); right only once the clock is set."""

def time_ns() -> int:
    """The same in nanoseconds."""

def localtime(secs: int | None = ..., /) -> tuple[int, int, int, int, int, int, int, int]:
    """Year, month, day, hour, minute, second, weekday (0 is Monday), day of the year."""

def gmtime(secs: int | None = ..., /) -> tuple[int, int, int, int, int, int, int, int]:
    """The same in UTC."""

def mktime(local_time: Sequence[int], /) -> int:
    """The seconds of such a tuple."""
