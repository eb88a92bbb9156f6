# The module `neopixel` of an ESP32: a strip of coloured lights on a pin.
from machine import bitstream, _show


class NeoPixel:
    # Where red, green, blue and white stand in what goes over the wire.
    ORDER = (1, 0, 2, 3)

    def __init__(self, pin, n, bpp=3, timing=1):
        self.pin = pin
        self.n = n
        self.bpp = bpp
        self.buf = bytearray(n * bpp)
        self.timing = (
            ((400, 850, 800, 450) if timing else (800, 1700, 1600, 900))
            if isinstance(timing, int)
            else timing
        )
        pin.init(pin.OUT)

    def __len__(self):
        return self.n

    def _at(self, index):
        if not -self.n <= index < self.n:
            raise IndexError("bytearray index out of range")
        return index % self.n * self.bpp

    def __setitem__(self, index, colour):
        at = self._at(index)
        for i in range(self.bpp):
            self.buf[at + self.ORDER[i]] = colour[i]

    def __getitem__(self, index):
        at = self._at(index)
        return tuple(self.buf[at + self.ORDER[i]] for i in range(self.bpp))

    def fill(self, colour):
        for i in range(self.n):
            self[i] = colour

    def write(self):
        bitstream(self.pin, 0, self.timing, self.buf)
        _show(self.pin, self.bpp, self.buf)
