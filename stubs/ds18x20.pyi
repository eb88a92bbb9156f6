"""DS18B20 and like thermometers on 1-Wire."""

from machine import Pin
from onewire import OneWire

from _typeshed import ReadableBuffer

class DS18X20:
    """scan(), convert_temp(), wait 750 ms, then read_temp(rom) of each."""

    def __init__(self, onewire: OneWire | Pin) -> None: ...
    def scan(self) -> list[bytearray]: ...
    def convert_temp(self) -> None:
        """All measure now; it takes 750 ms."""

    def read_scratch(self, rom: ReadableBuffer) -> bytearray: ...
    def write_scratch(self, rom: ReadableBuffer, buf: ReadableBuffer) -> None: ...
    def read_temp(self, rom: ReadableBuffer) -> float | None:
        """Degrees Celsius of what was measured last."""
