# The module `dht` of an ESP32. The air around a sensor is what a user sets for its pin
# (`dht.4.temperature`, `dht.4.humidity`); a pin set to none has no sensor and does not answer.
from machine import _reading

_ETIMEDOUT = const(116)


class DHTBase:
    def __init__(self, pin):
        self.pin = pin
        self.buf = bytearray(5)

    def measure(self):
        where = "dht.%d." % self.pin._n
        warmth = _reading(where + "temperature", 21.5)
        damp = _reading(where + "humidity", 48)
        if warmth is None or damp is None:
            raise OSError(_ETIMEDOUT)
        self._frame(warmth, damp)
        self.buf[4] = sum(self.buf[:4]) & 255


def _within(value, low, high):
    return min(max(value, low), high)


class DHT11(DHTBase):
    # Whole degrees and percent (data sheet: 0 to 50 degrees, 20 to 90 percent).
    def _frame(self, warmth, damp):
        self.buf[0] = int(_within(damp, 20, 90) + 0.5)
        self.buf[2] = int(_within(warmth, 0, 50) + 0.5)

    def humidity(self):
        return self.buf[0]

    def temperature(self):
        return self.buf[2]


class DHT22(DHTBase):
    # Tenths, the sign in the top bit (data sheet: -40 to 80 degrees, 0 to 100 percent).
    def _frame(self, warmth, damp):
        damp = int(_within(damp, 0, 100) * 10 + 0.5)
        tenths = int(abs(_within(warmth, -40, 80)) * 10 + 0.5)
        self.buf[0] = damp >> 8
        self.buf[1] = damp & 255
        self.buf[2] = tenths >> 8 | (128 if warmth < 0 else 0)
        self.buf[3] = tenths & 255

    def humidity(self):
        return (self.buf[0] << 8 | self.buf[1]) * 0.1

    def temperature(self):
        tenths = (self.buf[2] & 127) << 8 | self.buf[3]
        return tenths * (-0.1 if self.buf[2] & 128 else 0.1)
