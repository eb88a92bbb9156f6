# The module `machine` of a virtual ESP32: what it is and what drives it. Pins hold what is written to them.
import _host as _h
import time as _time

PWRON_RESET = 1
HARD_RESET = 2
WDT_RESET = 3
DEEPSLEEP_RESET = 4
SOFT_RESET = 5
PIN_WAKE = 2
EXT0_WAKE = 2
EXT1_WAKE = 3
TIMER_WAKE = 4
TOUCHPAD_WAKE = 5
ULP_WAKE = 6
SLEEP = 2
DEEPSLEEP = 4

_id = bytes([_h.mac(i) for i in range(6)])
_reset = _h.reset
_cause = _h.reset_cause
_timer = _h.timer
_adopt = _h.adopt_tick
_watchdog = _h.watchdog
_setting = _h.reading
_pin = _h.pin
_pwm = _h.pwm
_lights = _h.lights
_divider = _h.uart_divider
_line = _h.machine().split(" with ")[-1] == "ESP32"
_freq = 160000000


def unique_id():
    return _id


def freq(hz=None):
    global _freq
    if hz is None:
        return _freq
    if hz not in (20000000, 40000000, 80000000, 160000000, 240000000):
        raise ValueError("frequency must be 20MHz, 40MHz, 80Mhz, 160MHz or 240MHz")
    _freq = hz


def reset():
    _reset(0, 0)


def soft_reset():
    raise SystemExit


def reset_cause():
    return _cause()


def wake_reason():
    return TIMER_WAKE if _cause() == DEEPSLEEP_RESET else 0


def deepsleep(ms=0):
    _reset(1, ms)


def lightsleep(ms=0):
    _time.sleep_ms(ms)


def idle():
    _time.sleep_ms(1)


def disable_irq():
    return 0


def enable_irq(state=0):
    pass


class Pin:
    IN = 1
    OUT = 3
    OPEN_DRAIN = 7
    PULL_UP = 2
    PULL_DOWN = 1
    IRQ_RISING = 1
    IRQ_FALLING = 2
    WAKE_LOW = 4
    WAKE_HIGH = 5
    DRIVE_0 = 0
    DRIVE_1 = 1
    DRIVE_2 = 2
    DRIVE_3 = 3
    _level = {}
    _modes = {}
    _fell = -1
    _falls = 0

    def __init__(self, id, mode=-1, pull=-1, *, value=None, drive=0, hold=None):
        if isinstance(id, Pin):
            id = id._n
        if not 0 <= id <= 39 or id in (20, 24, 28, 29, 30, 31):
            raise ValueError("invalid pin")
        self._n = id
        self._wire = "pin.%d" % id
        self._mode = Pin._modes.get(id, Pin.IN)
        self.init(mode, pull, value=value)

    def init(self, mode=-1, pull=-1, *, value=None, drive=0, hold=None):
        if mode == Pin.OUT and self._n >= 34:
            raise ValueError("pin can only be input")
        if mode != -1:
            self._mode = Pin._modes[self._n] = mode
        if pull == Pin.PULL_UP:
            Pin._level.setdefault(self._n, 1)
        if value is not None:
            Pin._level[self._n] = 1 if value else 0
        _pin(self._n, self._mode, Pin._level.get(self._n, 0))

    def value(self, v=None):
        if v is None:
            # What a user holds an input at (`pin.5`); else what it was pulled or written to.
            held = None if self._mode == Pin.OUT else _reading(self._wire, None)
            return Pin._level.get(self._n, 0) if held is None else held
        old = Pin._level.get(self._n, 0)
        v = 1 if v else 0
        Pin._level[self._n] = v
        if old != v:
            _pin(self._n, -1, v)
            if not v:
                # SPI speaks to the part whose line fell last.
                Pin._fell = self._n
                Pin._falls += 1
        irq = _irqs.get(self._n)
        if irq and old != v and irq[1] & (1 if v else 2):
            irq[0](self)

    __call__ = value

    def on(self):
        self.value(1)

    def off(self):
        self.value(0)

    def toggle(self):
        self.value(1 - self.value())

    def irq(self, handler=None, trigger=3, wake=None, hard=False):
        if handler is None:
            _irqs.pop(self._n, None)
        else:
            _seen[self._n] = self.value()
            _irqs[self._n] = (handler, trigger, self)

    def __repr__(self):
        return "Pin(%d)" % self._n


_irqs = {}
_seen = {}


def _changed(n):
    # A user has set an input.
    irq = _irqs.get(n)
    if irq is None or irq[2]._mode == Pin.OUT:
        return
    now = irq[2].value()
    if now != _seen.get(n) and irq[1] & (1 if now else 2):
        irq[0](irq[2])
    _seen[n] = now


class Signal:
    def __init__(self, pin, *args, invert=False, **kw):
        self._pin = pin if isinstance(pin, Pin) else Pin(pin, *args, **kw)
        self._invert = 1 if invert else 0

    def value(self, v=None):
        if v is None:
            return self._pin.value() ^ self._invert
        self._pin.value((1 if v else 0) ^ self._invert)

    __call__ = value

    def on(self):
        self.value(1)

    def off(self):
        self.value(0)


class PWM:
    def __init__(self, pin, freq=5000, duty=512, *, duty_u16=None, duty_ns=None):
        self._n = pin._n if isinstance(pin, Pin) else pin
        self._freq = freq
        self._duty = duty * 64
        self.init(freq, None, duty_u16, duty_ns)
        _pwm(self._n, self._freq, self._duty)

    def init(self, freq=None, duty=None, duty_u16=None, duty_ns=None):
        if freq is not None:
            self.freq(freq)
        if duty is not None:
            self.duty(duty)
        if duty_u16 is not None:
            self.duty_u16(duty_u16)
        if duty_ns is not None:
            self.duty_ns(duty_ns)

    def freq(self, hz=None):
        if hz is None:
            return self._freq
        if not 1 <= hz <= 40000000:
            raise ValueError("frequency must be from 1Hz to 40MHz")
        self._freq = hz
        _pwm(self._n, hz, self._duty)

    def duty(self, d=None):
        if d is None:
            return self._duty // 64
        if not 0 <= d <= 1023:
            raise ValueError("duty must be between 0 and 1023")
        self.duty_u16(d * 64)

    def duty_u16(self, d=None):
        if d is None:
            return self._duty
        if not 0 <= d <= 65535:
            raise ValueError("duty_u16 must be from 0 to 65535")
        self._duty = d
        _pwm(self._n, self._freq, d)

    def duty_ns(self, ns=None):
        if ns is None:
            return (self._duty * 1000000000 + self._freq * 32768) // (self._freq * 65536)
        period = 1000000000 // self._freq
        if not 0 <= ns <= period:
            raise ValueError("duty_ns must be from 0 to %dns" % period)
        self.duty_u16(min(65535, ns * self._freq * 65536 // 1000000000))

    def deinit(self):
        _pwm(self._n, 0, 0)


# Millivolts that read as all ones, by attenuation (ESP32 data sheet: 1.1 V reference; 11 dB is taken
# to the supply of 3.3 V, beyond which no pin may go).
_FULL_SCALE = (1100, 1467, 2195, 3300)


class ADC:
    ATTN_0DB = 0
    ATTN_2_5DB = 1
    ATTN_6DB = 2
    ATTN_11DB = 3
    WIDTH_9BIT = 9
    WIDTH_10BIT = 10
    WIDTH_11BIT = 11
    WIDTH_12BIT = 12

    def __init__(self, pin, *, atten=0):
        n = pin._n if isinstance(pin, Pin) else pin
        if n not in (0, 2, 4, 12, 13, 14, 15, 25, 26, 27, 32, 33, 34, 35, 36, 37, 38, 39):
            raise ValueError("invalid pin")
        self._n = n
        self._bits = 12
        self.atten(atten)

    def init(self, *, atten=None):
        if atten is not None:
            self.atten(atten)

    def atten(self, a):
        self._full = _FULL_SCALE[a]

    def width(self, bits):
        self._bits = bits

    # Volts at the pin are what a user sets (`adc.34`, in millivolts); until then half of the range.
    def read_uv(self):
        volts = _reading("adc.%d" % self._n, None)
        if volts is None:
            return self._full * 500
        return int(min(max(volts, 0), self._full) * 1000)

    def read_u16(self):
        return min(65535, self.read_uv() * 65536 // (self._full * 1000))

    def read(self):
        return self.read_u16() >> (16 - self._bits)


class Timer:
    ONE_SHOT = 0
    PERIODIC = 1

    def __init__(self, id=0, **kw):
        # -1 asks for any: those have numbers of their own.
        if id < 0:
            id = 4
            while id in _timers:
                id += 1
        self._id = id
        if kw:
            self.init(**kw)

    def init(self, *, mode=1, freq=-1, period=-1, tick_hz=1000, callback=None, hard=False):
        if freq > 0:
            period = 1000 / freq
        self._callback = callback
        _timers[self._id] = self
        _timer(self._id, period, mode)

    def deinit(self):
        _timers.pop(self._id, None)
        _timer(self._id, -1, 0)

    def value(self):
        return 0


_timers = {}


def _tick(id):
    if id < 0:
        return _changed(-1 - id)
    timer = _timers.get(id)
    if timer and timer._callback:
        timer._callback(timer)


class RTC:
    _memory = b""

    def __init__(self, id=0):
        pass

    def datetime(self, t=None):
        if t is None:
            n = _time.gmtime()
            return (n[0], n[1], n[2], n[6], n[3], n[4], n[5], 0)
        wanted = _time.mktime((t[0], t[1], t[2], t[4], t[5], t[6], 0, 0))
        _time._offset[0] += wanted - _time.time()

    init = datetime

    def memory(self, data=None):
        if data is None:
            return RTC._memory
        RTC._memory = bytes(data)


class WDT:
    def __init__(self, id=0, timeout=5000):
        self._ms = timeout
        self.feed()

    def feed(self):
        _watchdog(self._ms)


class I2C:
    # Nobody is on the bus: what would wait for an answer raises ENODEV, as on a board with no wires.
    def __init__(self, id=-1, **kw):
        pass

    def scan(self):
        return []

    def _nobody(self, *a, **kw):
        raise OSError(19)

    readfrom = readfrom_into = writeto = readfrom_mem = readfrom_mem_into = writeto_mem = _nobody


class SoftI2C(I2C):
    pass


class SPI:
    MSB = 0
    LSB = 1

    # The data line floats high, but for an RFID reader where a program speaks to one.
    def __init__(self, id=-1, *a, **kw):
        pass

    def init(self, *a, **kw):
        pass

    def deinit(self):
        pass

    def read(self, n, write=0):
        return bytes(_transfer(bytes([write]) * n))

    def readinto(self, buf, write=0):
        buf[:] = _transfer(bytes([write]) * len(buf))

    def write(self, buf):
        _transfer(buf)

    def write_readinto(self, out, buf):
        buf[:] = _transfer(out)


_spi = {}


def _transfer(out):
    n = Pin._fell
    if n >= 0 and Pin._level.get(n) == 0:
        part = _spi.get(n)
        # How every driver of an MFRC522 begins: it resets it, or asks for its version.
        if part is None and out and out[0] in (0x02, 0xEE):
            import _rfid

            part = _spi[n] = _rfid.Reader("rfid.%d" % n)
        if part:
            return part.transfer(out, Pin._falls)
    return b"\xff" * len(out)


class SoftSPI(SPI):
    pass


class _Mem32:
    # The registers of a chip are not here, but one: the divider of the line to the computer
    # (UART_CLKDIV_REG of the ESP32: 20 bits, and 4 of sixteenths). Others read 0 and forget.
    def __getitem__(self, address):
        if address != 0x3FF40014 or not _line:
            return 0
        d = _divider(0)
        return d >> 4 | (d & 15) << 20

    def __setitem__(self, address, value):
        if address == 0x3FF40014 and _line:
            _divider(max(16, (value & 0xFFFFF) << 4 | (value >> 20 & 15)))


mem32 = _Mem32()


class _Registers:
    # By bytes and by halves none is here at all.
    def __getitem__(self, address):
        return 0

    def __setitem__(self, address, value):
        pass


mem8 = mem16 = _Registers()


class DAC:
    # A voltage that nothing measures.
    def __init__(self, id, *a, **kw):
        if (id._n if isinstance(id, Pin) else id) not in (25, 26):
            raise ValueError("invalid Pin for DAC")

    def write(self, value):
        if not 0 <= value <= 255:
            raise ValueError("value out of range")


class TouchPad:
    # A plate that nobody touches.
    def __init__(self, pin):
        if pin._n not in (0, 2, 4, 12, 13, 14, 15, 27, 32, 33):
            raise ValueError("invalid pin for touchpad")

    def config(self, value):
        pass

    def read(self):
        return 700


if not _line:
    # The first ESP32 alone can put out a voltage, and the C3 has no plates to touch.
    del DAC
    if _h.machine().endswith("C3"):
        del TouchPad


class UART:
    # Nobody is at the other end: what is sent is gone, nothing comes.
    INV_TX = 1 << 5
    INV_RX = 1 << 2
    INV_RTS = 1 << 6
    INV_CTS = 1 << 3
    RTS = 1
    CTS = 2
    IRQ_RX = 1
    IRQ_RXIDLE = 4096
    IRQ_BREAK = 128

    def __init__(self, id, *a, **kw):
        if not 0 <= id <= 2:
            raise ValueError("UART(%d) does not exist" % id)

    def init(self, *a, **kw):
        pass

    def deinit(self):
        pass

    def any(self):
        return 0

    def read(self, n=-1):
        return None

    readline = read

    def readinto(self, buf, n=-1):
        return None

    def write(self, data):
        return len(data)

    def txdone(self):
        return True

    def flush(self):
        pass

    sendbreak = flush

    def irq(self, handler=None, trigger=0, hard=False):
        pass


def time_pulse_us(pin, level, timeout_us=1000000):
    _time.sleep_us(timeout_us)
    return -2 if pin.value() != level else -1


def bitstream(pin, encoding, timing, data):
    if encoding != 0:
        raise ValueError("encoding")
    _time.sleep_us(len(data) * 4 * sum(timing) // 1000)


def _reading(name, usual):
    # What a user has set for the world around a pin: a number, or None where nothing is wired there.
    value = _setting(name)
    return usual if value == "" else None if value == "none" else value


def _show(pin, size, buf):
    # What a strip of lights was sent, for a user to see.
    import uctypes

    _lights(pin._n, size, uctypes.addressof(buf), len(buf))
