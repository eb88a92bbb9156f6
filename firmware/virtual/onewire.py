# The module `onewire` of an ESP32, with DS18B20 thermometers on the wire. A user sets what each measures
# (`ds18x20.4.0` is the first on pin 4) or takes it away (none); one is there from the start.
# Source: Maxim, DS18B20 data sheet: ROM commands, scratchpad, search, CRC.
from machine import _reading

_MOST = const(8)
_SEARCH = const(0xF0)
_READ_ROM = const(0x33)
_MATCH = const(0x55)
_SKIP = const(0xCC)
_CONVERT = const(0x44)
_READ_SCRATCH = const(0xBE)
_WRITE_SCRATCH = const(0x4E)


class OneWireError(Exception):
    pass


def _crc8(data):
    crc = 0
    for byte in data:
        for _ in range(8):
            mix = (crc ^ byte) & 1
            crc >>= 1
            if mix:
                crc ^= 0x8C
            byte >>= 1
    return crc


class _Thermometer:
    def __init__(self, pin, index):
        self.key = "ds18x20.%d.%d" % (pin, index)
        self.first = index == 0
        code = bytes((0x28, 0xFF, pin, index, 0x17, 0x03, 0x16))
        self.rom = code + bytes((_crc8(code),))
        # As it powers up: 85 degrees until the first conversion, 12 bits.
        self.scratch = bytearray(b"\x50\x05\x4b\x46\x7f\xff\x0c\x10\x1c")

    def here(self):
        return _reading(self.key, 21.0 if self.first else None) is not None

    def convert(self):
        warmth = _reading(self.key, 21.0)
        if warmth is None:
            return
        steps = int(min(max(warmth, -55), 125) * 16 // 1) & 0xFFFF
        self.scratch[0] = steps & 255
        self.scratch[1] = steps >> 8
        self.seal()

    def seal(self):
        self.scratch[8] = _crc8(self.scratch[:8])


class OneWire:
    SEARCH_ROM = _SEARCH
    MATCH_ROM = _MATCH
    SKIP_ROM = _SKIP
    _wires = {}

    def __init__(self, pin):
        self.pin = pin
        pin.init(pin.OPEN_DRAIN, pin.PULL_UP)
        wire = OneWire._wires.get(pin._n)
        if wire is None:
            wire = [_Thermometer(pin._n, i) for i in range(_MOST)]
            OneWire._wires[pin._n] = wire
        self._all = wire
        self._listening = []
        self._state = 0
        self._begin()

    def _begin(self):
        self._byte = self._bits = 0
        self._answer = []
        self._args = None

    def reset(self, required=False):
        self._begin()
        self._listening = [one for one in self._all if one.here()]
        self._state = "rom" if self._listening else 0
        if required and not self._listening:
            raise OneWireError
        return bool(self._listening)

    # What a wire with several on it says: 0 where any of them pulls it low.
    def _say(self, texts):
        self._answer = [
            min(text[i >> 3] >> (i & 7) & 1 for text in texts) for i in range(len(texts[0]) * 8)
        ]

    def readbit(self):
        if self._state == "search":
            return self._search_read()
        return self._answer.pop(0) if self._answer else 1

    def _search_read(self):
        at = self._at
        bits = [one.rom[at >> 3] >> (at & 7) & 1 for one in self._listening]
        self._twice += 1
        if self._twice & 1:
            return min(bits) if bits else 1
        return min(1 - bit for bit in bits) if bits else 1

    def writebit(self, value):
        value = 1 if value else 0
        if self._state == "search":
            at = self._at
            self._listening = [
                one for one in self._listening if one.rom[at >> 3] >> (at & 7) & 1 == value
            ]
            self._at += 1
            if self._at == 64:
                self._state = "function"
            return
        self._byte |= value << self._bits
        self._bits += 1
        if self._bits == 8:
            byte = self._byte
            self._byte = self._bits = 0
            self._take(byte)

    def _take(self, byte):
        if self._args is not None:
            self._args.append(byte)
            if self._state == "match" and len(self._args) == 8:
                rom = bytes(self._args)
                self._listening = [one for one in self._listening if one.rom == rom]
                self._args = None
                self._state = "function"
            elif self._state == "write" and len(self._args) == 3:
                for one in self._listening:
                    one.scratch[2:5] = bytes(self._args)
                    one.seal()
                self._args = None
                self._state = 0
        elif self._state == "rom":
            self._state = "function"
            if byte == _SEARCH:
                self._state = "search"
                self._at = self._twice = 0
            elif byte == _MATCH:
                self._state = "match"
                self._args = []
            elif byte == _READ_ROM:
                self._say([one.rom for one in self._listening])
            elif byte != _SKIP:
                self._state = 0
        elif self._state == "function":
            self._state = 0
            if byte == _CONVERT:
                for one in self._listening:
                    one.convert()
            elif byte == _READ_SCRATCH and self._listening:
                self._say([one.scratch for one in self._listening])
            elif byte == _WRITE_SCRATCH:
                self._state = "write"
                self._args = []

    def readbyte(self):
        byte = 0
        for i in range(8):
            byte |= self.readbit() << i
        return byte

    def writebyte(self, value):
        for i in range(8):
            self.writebit(value >> i & 1)

    def readinto(self, buf):
        for i in range(len(buf)):
            buf[i] = self.readbyte()

    def write(self, buf):
        for byte in buf:
            self.writebyte(byte)

    def select_rom(self, rom):
        self.reset()
        self.writebyte(_MATCH)
        self.write(rom)

    def scan(self):
        found = []
        # Branches not taken yet: the bits that lead to each.
        paths = [[]]
        while paths:
            rom = self._follow(paths.pop(), paths)
            if rom is not None:
                found.append(rom)
        return found

    def _follow(self, path, paths):
        if not self.reset():
            return None
        self.writebyte(_SEARCH)
        rom = bytearray(8)
        bits = []
        for i in range(64):
            zero = not self.readbit()
            one = not self.readbit()
            if not zero and not one:
                return None
            if i < len(path):
                bit = path[i]
            else:
                bit = 0 if zero else 1
                if zero and one:
                    paths.append(bits + [1])
            bits.append(bit)
            rom[i >> 3] |= bit << (i & 7)
            self.writebit(bit)
        return rom

    def crc8(self, data):
        return _crc8(data)
