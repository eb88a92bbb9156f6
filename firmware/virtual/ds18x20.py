# The module `ds18x20` of an ESP32: thermometers of the DS18 family on a `onewire.OneWire`.
# Source: Maxim, DS18B20 and DS18S20 data sheets.


class DS18X20:
    _FAMILIES = (0x10, 0x22, 0x28)

    def __init__(self, onewire):
        self.ow = onewire
        self.buf = bytearray(9)

    def scan(self):
        return [rom for rom in self.ow.scan() if rom[0] in self._FAMILIES]

    def convert_temp(self):
        self.ow.reset(True)
        self.ow.writebyte(self.ow.SKIP_ROM)
        self.ow.writebyte(0x44)

    def _select(self, rom, function):
        self.ow.reset(True)
        self.ow.select_rom(rom)
        self.ow.writebyte(function)

    def read_scratch(self, rom):
        self._select(rom, 0xBE)
        self.ow.readinto(self.buf)
        if self.ow.crc8(self.buf):
            raise Exception("CRC error")
        return self.buf

    def write_scratch(self, rom, buf):
        self._select(rom, 0x4E)
        self.ow.write(buf)

    def read_temp(self, rom):
        try:
            scratch = self.read_scratch(rom)
        except Exception:
            return None
        steps = scratch[1] << 8 | scratch[0]
        if steps & 0x8000:
            steps -= 0x10000
        if rom[0] == 0x10:
            # Half degrees, made finer by what was left of the counter.
            return (steps >> 1) - 0.25 + (scratch[7] - scratch[6]) / scratch[7]
        return steps / 16
