# mfrc522.py reads the number of a card (ISO 14443 A, four bytes: MIFARE Classic and most tags).
#   reader = MFRC522(machine.SPI(1, ...), cs=machine.Pin(5), rst=machine.Pin(22))
#   reader.card()       'de:ad:be:ef', or None where there is none
# Registers and commands: NXP's data sheet of the MFRC522, chapters 9 and 10.
import time
from machine import Pin

_COMMAND, _IRQ, _ERROR = 0x01, 0x04, 0x06
_FIFO, _LEVEL, _FRAMING = 0x09, 0x0A, 0x0D
_MODE, _TX, _ASK = 0x11, 0x14, 0x15
_TIMER, _PRESCALER, _RELOAD_HIGH, _RELOAD_LOW = 0x2A, 0x2B, 0x2C, 0x2D
_VERSION = 0x37


class MFRC522:
    def __init__(self, spi, cs, rst):
        self._spi = spi
        self._cs = cs
        cs.init(Pin.OUT, value=1)
        rst.init(Pin.OUT, value=1)
        self._write(_COMMAND, 0x0F)  # soft reset
        time.sleep_ms(50)
        if self._read(_VERSION) in (0x00, 0xFF):
            raise OSError('no MFRC522 answers: look at its wires')
        # The timer ends the wait for a card after 25 ms: 40 kHz, 1000 ticks.
        self._write(_TIMER, 0x80)
        self._write(_PRESCALER, 0xA9)
        self._write(_RELOAD_HIGH, 0x03)
        self._write(_RELOAD_LOW, 0xE8)
        self._write(_ASK, 0x40)
        self._write(_MODE, 0x3D)
        self._write(_TX, self._read(_TX) | 0x03)  # the antenna

    def card(self):
        """The number of the card that is near, or None."""
        if self._ask(b'\x26', 7) is None:  # REQA: is anyone there?
            return None
        answer = self._ask(b'\x93\x20')  # its number, with a check byte
        if answer is None or len(answer) != 5:
            return None
        check = 0
        for byte in answer:
            check ^= byte
        return None if check else ':'.join('%02x' % byte for byte in answer[:4])

    def _ask(self, frame, bits=0):
        self._write(_COMMAND, 0x00)
        self._write(_IRQ, 0x7F)
        self._write(_LEVEL, 0x80)
        for byte in frame:
            self._write(_FIFO, byte)
        self._write(_COMMAND, 0x0C)  # transceive
        self._write(_FRAMING, 0x80 | bits)
        start = time.ticks_ms()
        while True:
            irq = self._read(_IRQ)
            if irq & 0x20:
                break
            if irq & 0x01 or time.ticks_diff(time.ticks_ms(), start) > 50:
                return None
        self._write(_FRAMING, 0x00)
        if self._read(_ERROR) & 0x1B:
            return None
        return bytes([self._read(_FIFO) for _ in range(self._read(_LEVEL))])

    def _write(self, register, value):
        self._cs.value(0)
        self._spi.write(bytes([register << 1, value]))
        self._cs.value(1)

    def _read(self, register):
        self._cs.value(0)
        self._spi.write(bytes([register << 1 | 0x80]))
        value = self._spi.read(1)[0]
        self._cs.value(1)
        return value
