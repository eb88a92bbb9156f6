"""Strips of WS2812 and like lights."""

from machine import Pin

class NeoPixel:
    """NeoPixel(Pin(5), 8) is eight lights; write() shows what was set."""

    ORDER: tuple[int, ...]
    pin: Pin
    n: int
    bpp: int
    buf: bytearray

    def __init__(self, pin: Pin, n: int, bpp: int = 3, timing: int | tuple[int, int, int, int] = 1) -> None: ...
    def __len__(self) -> int: ...
    def __getitem__(self, i: int) -> tuple[int, ...]: ...
    def __setitem__(self, i: int, v: tuple[int, ...]) -> None:
        """Red, green, blue (and white with bpp=4), 0 to 255 each."""

    def fill(self, v: tuple[int, ...]) -> None: ...
    def write(self) -> None: ...
