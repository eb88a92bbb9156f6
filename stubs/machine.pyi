"""The hardware of the board: pins, buses, timers, sleep and reset (ESP32)."""

from typing import Any, Callable, Sequence, overload

from _typeshed import ReadableBuffer, WriteableBuffer

PWRON_RESET: int
HARD_RESET: int
WDT_RESET: int
DEEPSLEEP_RESET: int
SOFT_RESET: int
PIN_WAKE: int
EXT0_WAKE: int
EXT1_WAKE: int
TIMER_WAKE: int
TOUCHPAD_WAKE: int
ULP_WAKE: int
SLEEP: int
DEEPSLEEP: int

def unique_id() -> bytes:
    """The board's own number; on an ESP32 the six bytes of its MAC address."""

def reset() -> None:
    """Starts the board again, as its EN button does."""

def soft_reset() -> None:
    """Starts the interpreter again, as Ctrl-D at the prompt does; Wi-Fi may stay connected."""

def reset_cause() -> int:
    """Why the board started: PWRON_RESET, HARD_RESET, WDT_RESET, DEEPSLEEP_RESET or SOFT_RESET."""

def wake_reason() -> int:
    """What woke the board: PIN_WAKE, TIMER_WAKE and others."""

def bootloader(timeout: int = ..., /) -> None:
    """Into the loader, where the port can do that from a program."""

def idle() -> None:
    """Waits for the next interrupt and saves power meanwhile."""

def lightsleep(time_ms: int = ..., /) -> None:
    """Sleeps with all memory kept, and goes on behind this line."""

def deepsleep(time_ms: int = ..., /) -> None:
    """Sleeps with nearly everything off. Waking is a start: boot.py and main.py run again."""

@overload
def freq() -> int:
    """The processor's frequency in Hz."""

@overload
def freq(hz: int, /) -> None:
    """Sets it: 20, 40, 80, 160 or 240 MHz on an ESP32."""

def disable_irq() -> int:
    """No interrupts from here on. Give what it returns to enable_irq, soon."""

def enable_irq(state: int, /) -> None:
    """Interrupts as they were before disable_irq."""

def time_pulse_us(pin: Pin, pulse_level: int, timeout_us: int = 1_000_000, /) -> int:
    """How long a pulse lasts, in microseconds; -2 where it does not begin, -1 where it does not end."""

def bitstream(pin: Pin, encoding: int, timing: Sequence[int], data: ReadableBuffer, /) -> None:
    """Sends bits by exact times in nanoseconds, as NeoPixels need it."""

def dht_readinto(pin: Pin, buf: WriteableBuffer, /) -> None:
    """What the dht module is made of."""

class Pin:
    """A pin by its GPIO number: Pin(2, Pin.OUT)."""

    IN: int
    OUT: int
    OPEN_DRAIN: int
    PULL_UP: int
    PULL_DOWN: int
    IRQ_RISING: int
    IRQ_FALLING: int
    WAKE_LOW: int
    WAKE_HIGH: int
    DRIVE_0: int
    DRIVE_1: int
    DRIVE_2: int
    DRIVE_3: int

    def __init__(
        self,
        id: int | str | Pin,
        mode: int = ...,
        pull: int | None = ...,
        *,
        value: Any = ...,
        drive: int = ...,
        hold: bool | None = ...,
    ) -> None: ...
    def init(
        self,
        mode: int = ...,
        pull: int | None = ...,
        *,
        value: Any = ...,
        drive: int = ...,
        hold: bool | None = ...,
    ) -> None:
        """Sets the pin up anew; what is not given stays."""

    @overload
    def value(self) -> int:
        """The level at the pin: 0 or 1."""

    @overload
    def value(self, x: Any, /) -> None:
        """Sets the level: on for anything true."""

    @overload
    def __call__(self) -> int: ...
    @overload
    def __call__(self, x: Any, /) -> None: ...
    def on(self) -> None:
        """Level 1."""

    def off(self) -> None:
        """Level 0."""

    def toggle(self) -> None:
        """The other level (since 1.24)."""

    def irq(
        self,
        handler: Callable[[Pin], Any] | None = None,
        trigger: int = ...,
        wake: int | None = None,
        hard: bool = False,
    ) -> Any:
        """Calls handler(pin) at each edge of trigger: IRQ_RISING, IRQ_FALLING, or both with |."""

class Signal:
    """A pin with its sense: Signal(Pin(2, Pin.OUT), invert=True).on() lights an LED that is on at 0."""

    def __init__(self, pin: Pin, *, invert: bool = False) -> None: ...
    @overload
    def value(self) -> int: ...
    @overload
    def value(self, x: Any, /) -> None: ...
    def on(self) -> None: ...
    def off(self) -> None: ...

class ADC:
    """An analog input. On an ESP32 pins 32 to 39 work with Wi-Fi on; 0, 2, 4, 12 to 15 and 25 to 27 do not."""

    ATTN_0DB: int
    ATTN_2_5DB: int
    ATTN_6DB: int
    ATTN_11DB: int
    WIDTH_9BIT: int
    WIDTH_10BIT: int
    WIDTH_11BIT: int
    WIDTH_12BIT: int

    def __init__(self, pin: Pin | int, *, atten: int = ...) -> None: ...
    def init(self, *, atten: int = ...) -> None: ...
    def read(self) -> int:
        """The raw reading, 0 to 4095 (12 bits)."""

    def read_u16(self) -> int:
        """The reading as 0 to 65535, the same on every port."""

    def read_uv(self) -> int:
        """The voltage in microvolts, by the chip's own calibration."""

    def atten(self, atten: int, /) -> None:
        """How much the input is weakened: ATTN_11DB measures up to about 3.1 V, ATTN_0DB up to 1 V."""

    def width(self, bits: int, /) -> None:
        """Bits of a reading."""

class DAC:
    """An analog output, 8 bits; pins 25 and 26 of an ESP32."""

    def __init__(self, pin: Pin | int, /) -> None: ...
    def write(self, value: int, /) -> None:
        """0 to 255."""

class PWM:
    """A square wave: PWM(Pin(2), freq=1000, duty_u16=32768) is on half of the time."""

    def __init__(
        self,
        dest: Pin | int,
        *,
        freq: int = ...,
        duty: int = ...,
        duty_u16: int = ...,
        duty_ns: int = ...,
        invert: bool = ...,
    ) -> None: ...
    def init(
        self, *, freq: int = ..., duty: int = ..., duty_u16: int = ..., duty_ns: int = ...
    ) -> None: ...
    def deinit(self) -> None:
        """Ends the wave."""

    @overload
    def freq(self) -> int: ...
    @overload
    def freq(self, hz: int, /) -> None:
        """Hz. Channels that share a timer share it."""

    @overload
    def duty(self) -> int: ...
    @overload
    def duty(self, value: int, /) -> None:
        """How long it is on: 0 to 1023."""

    @overload
    def duty_u16(self) -> int: ...
    @overload
    def duty_u16(self, value: int, /) -> None:
        """How long it is on: 0 to 65535."""

    @overload
    def duty_ns(self) -> int: ...
    @overload
    def duty_ns(self, ns: int, /) -> None:
        """How long it is on, in nanoseconds."""

class SoftI2C:
    """I2C on any two pins: SoftI2C(scl=Pin(22), sda=Pin(21)). Both lines need pull-ups."""

    def __init__(
        self, scl: Pin, sda: Pin, *, freq: int = 400_000, timeout: int = 50_000
    ) -> None: ...
    def scan(self) -> list[int]:
        """The addresses that answer."""

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def readinto(self, buf: WriteableBuffer, nack: bool = True, /) -> None: ...
    def write(self, buf: ReadableBuffer, /) -> int: ...
    def readfrom(self, addr: int, nbytes: int, stop: bool = True, /) -> bytes:
        """Bytes from the device at addr. OSError where it does not answer."""

    def readfrom_into(self, addr: int, buf: WriteableBuffer, stop: bool = True, /) -> None: ...
    def writeto(self, addr: int, buf: ReadableBuffer, stop: bool = True, /) -> int:
        """Sends bytes; returns how many were acknowledged."""

    def writevto(self, addr: int, vector: Sequence[ReadableBuffer], stop: bool = True, /) -> int: ...
    def readfrom_mem(self, addr: int, memaddr: int, nbytes: int, *, addrsize: int = 8) -> bytes:
        """Bytes from a register of the device."""

    def readfrom_mem_into(
        self, addr: int, memaddr: int, buf: WriteableBuffer, *, addrsize: int = 8
    ) -> None: ...
    def writeto_mem(
        self, addr: int, memaddr: int, buf: ReadableBuffer, *, addrsize: int = 8
    ) -> None:
        """Bytes into a register of the device."""

class I2C(SoftI2C):
    """I2C by the chip's own hardware: I2C(0) is scl 18, sda 19 unless told otherwise."""

    def __init__(
        self, id: int = ..., *, scl: Pin = ..., sda: Pin = ..., freq: int = 400_000, timeout: int = ...
    ) -> None: ...

class SoftSPI:
    """SPI on any pins."""

    MSB: int
    LSB: int

    def __init__(
        self,
        baudrate: int = 500_000,
        *,
        polarity: int = 0,
        phase: int = 0,
        bits: int = 8,
        firstbit: int = ...,
        sck: Pin = ...,
        mosi: Pin = ...,
        miso: Pin = ...,
    ) -> None: ...
    def init(
        self,
        baudrate: int = ...,
        *,
        polarity: int = ...,
        phase: int = ...,
        bits: int = ...,
        firstbit: int = ...,
        sck: Pin = ...,
        mosi: Pin = ...,
        miso: Pin = ...,
    ) -> None: ...
    def deinit(self) -> None: ...
    def read(self, nbytes: int, write: int = 0x00, /) -> bytes: ...
    def readinto(self, buf: WriteableBuffer, write: int = 0x00, /) -> None: ...
    def write(self, buf: ReadableBuffer, /) -> None: ...
    def write_readinto(self, write_buf: ReadableBuffer, read_buf: WriteableBuffer, /) -> None: ...

class SPI(SoftSPI):
    """SPI by the chip's own hardware: 1 or 2 on an ESP32."""

    def __init__(
        self,
        id: int,
        baudrate: int = ...,
        *,
        polarity: int = 0,
        phase: int = 0,
        bits: int = 8,
        firstbit: int = ...,
        sck: Pin | None = ...,
        mosi: Pin | None = ...,
        miso: Pin | None = ...,
    ) -> None: ...

class UART:
    """A serial line: UART(1, baudrate=9600, tx=Pin(17), rx=Pin(16)). 0 is the prompt's own."""

    INV_TX: int
    INV_RX: int
    INV_RTS: int
    INV_CTS: int
    RTS: int
    CTS: int
    IRQ_RX: int
    IRQ_RXIDLE: int
    IRQ_BREAK: int

    def __init__(
        self,
        id: int,
        baudrate: int = 115200,
        bits: int = 8,
        parity: int | None = None,
        stop: int = 1,
        *,
        tx: Pin | int = ...,
        rx: Pin | int = ...,
        rts: Pin | int = ...,
        cts: Pin | int = ...,
        txbuf: int = ...,
        rxbuf: int = ...,
        timeout: int = ...,
        timeout_char: int = ...,
        invert: int = ...,
        flow: int = ...,
    ) -> None: ...
    def init(
        self,
        baudrate: int = ...,
        bits: int = ...,
        parity: int | None = ...,
        stop: int = ...,
        *,
        tx: Pin | int = ...,
        rx: Pin | int = ...,
        rts: Pin | int = ...,
        cts: Pin | int = ...,
        txbuf: int = ...,
        rxbuf: int = ...,
        timeout: int = ...,
        timeout_char: int = ...,
        invert: int = ...,
        flow: int = ...,
    ) -> None: ...
    def deinit(self) -> None: ...
    def any(self) -> int:
        """How many bytes can be read at once."""

    def read(self, nbytes: int = ..., /) -> bytes | None:
        """What is there; None where nothing came in time."""

    def readinto(self, buf: WriteableBuffer, nbytes: int = ..., /) -> int | None: ...
    def readline(self) -> bytes | None: ...
    def write(self, buf: ReadableBuffer | str, /) -> int | None: ...
    def sendbreak(self) -> None: ...
    def flush(self) -> None:
        """Waits until all is sent."""

    def txdone(self) -> bool: ...
    def irq(
        self, handler: Callable[[UART], Any] | None = None, trigger: int = 0, hard: bool = False
    ) -> Any: ...

class I2S:
    """Digital sound, in or out."""

    RX: int
    TX: int
    STEREO: int
    MONO: int

    def __init__(
        self,
        id: int,
        *,
        sck: Pin,
        ws: Pin,
        sd: Pin,
        mck: Pin = ...,
        mode: int,
        bits: int,
        format: int,
        rate: int,
        ibuf: int,
    ) -> None: ...
    def deinit(self) -> None: ...
    def readinto(self, buf: WriteableBuffer, /) -> int: ...
    def write(self, buf: ReadableBuffer, /) -> int: ...
    def irq(self, handler: Callable[[I2S], Any] | None, /) -> None: ...
    @staticmethod
    def shift(*, buf: WriteableBuffer, bits: int, shift: int) -> None: ...

class RTC:
    """The clock. It forgets the time when the power goes."""

    def __init__(self, id: int = 0, /) -> None: ...
    @overload
    def datetime(self) -> tuple[int, int, int, int, int, int, int, int]:
        """Year, month, day, weekday (0 is Monday), hour, minute, second, microsecond."""

    @overload
    def datetime(
        self, datetimetuple: Sequence[int], /
    ) -> None:
        """Sets it with a tuple of those eight."""

    def init(self, datetimetuple: Sequence[int], /) -> None: ...
    @overload
    def memory(self) -> bytes:
        """Up to 2048 bytes that a deep sleep does not lose."""

    @overload
    def memory(self, data: ReadableBuffer, /) -> None: ...

class Timer:
    """Calls a function later or again and again: Timer(0).init(period=1000, callback=f)."""

    ONE_SHOT: int
    PERIODIC: int

    def __init__(
        self,
        id: int,
        *,
        mode: int = ...,
        period: int = ...,
        freq: float = ...,
        callback: Callable[[Timer], Any] | None = ...,
        hard: bool = ...,
    ) -> None: ...
    def init(
        self,
        *,
        mode: int = ...,
        period: int = -1,
        freq: float = ...,
        callback: Callable[[Timer], Any] | None = None,
        hard: bool = ...,
    ) -> None:
        """period in milliseconds; ONE_SHOT once, PERIODIC for ever."""

    def deinit(self) -> None:
        """Ends it."""

    def value(self) -> int: ...

class WDT:
    """A watchdog: the board starts again unless feed() is called in time. It cannot be taken back."""

    def __init__(self, id: int = 0, timeout: int = 5000) -> None: ...
    def feed(self) -> None: ...

class TouchPad:
    """A pin that feels a finger."""

    def __init__(self, pin: Pin, /) -> None: ...
    def read(self) -> int:
        """Smaller when touched (ESP32)."""

    def config(self, threshold: int, /) -> None: ...

class SDCard:
    """An SD card; os.mount(SDCard(), '/sd') makes it a folder."""

    def __init__(
        self,
        slot: int = 1,
        width: int = 1,
        cd: Pin | int | None = None,
        wp: Pin | int | None = None,
        sck: Pin | int | None = None,
        miso: Pin | int | None = None,
        mosi: Pin | int | None = None,
        cs: Pin | int | None = None,
        cmd: Pin | int | None = None,
        data: Sequence[Pin | int] | None = None,
        freq: int = 20_000_000,
    ) -> None: ...
    def info(self) -> tuple[int, int]: ...
    def deinit(self) -> None: ...
    def readblocks(self, block_num: int, buf: WriteableBuffer, /) -> Any: ...
    def writeblocks(self, block_num: int, buf: ReadableBuffer, /) -> Any: ...
    def ioctl(self, op: int, arg: int, /) -> Any: ...

class _Memory:
    def __getitem__(self, address: int, /) -> int: ...
    def __setitem__(self, address: int, value: int, /) -> None: ...

mem8: _Memory
mem16: _Memory
mem32: _Memory
