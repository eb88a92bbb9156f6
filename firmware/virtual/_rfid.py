# An RFID reader MFRC522 on SPI, as far as a program sees it: its registers, its FIFO, and a card of
# type MIFARE Classic 1K near its antenna or none. machine.py gives it what goes over the bus.
# Sources: NXP MFRC522 data sheet rev. 3.9 (8.1.2 SPI, 9.3 registers, 10.3 commands); ISO/IEC 14443-3
# type A (REQA, anticollision, SELECT, HLTA, CRC_A); MIFARE Classic EV1 data sheet (ATQA, SAK).
from machine import _reading

_COMMAND, _COM_IRQ, _DIV_IRQ, _ERROR = 0x01, 0x04, 0x05, 0x06
_FIFO, _LEVEL, _CONTROL, _FRAMING = 0x09, 0x0A, 0x0C, 0x0D
_CRC_HIGH, _CRC_LOW, _VERSION = 0x21, 0x22, 0x37
_IDLE, _CALC_CRC, _TRANSCEIVE, _SOFT_RESET = 0x0, 0x3, 0xC, 0xF
_RX_IRQ, _IDLE_IRQ, _TIMER_IRQ, _CRC_IRQ = 0x20, 0x10, 0x01, 0x04


def crc_a(data):
    crc = 0x6363
    for byte in data:
        byte ^= crc & 0xFF
        byte ^= byte << 4 & 0xFF
        crc = crc >> 8 ^ byte << 8 ^ byte << 3 ^ byte >> 4
    return crc & 0xFFFF


class Reader:
    def __init__(self, setting):
        # What a user holds at it: 0 is no card, any other number the card's four bytes; "none" takes
        # the reader away.
        self.setting = setting
        self.reset()

    def reset(self):
        self.registers = bytearray(64)
        self.registers[_VERSION] = 0x92
        self.fifo = bytearray()
        self.halted = None
        self.transaction = -1
        self.address = 0

    def transfer(self, out, transaction):
        """What comes back for `out`; a new transaction began where its number is another."""
        if _reading(self.setting, 0) is None:
            return b"\xff" * len(out)
        back = bytearray(len(out))
        for i, byte in enumerate(out):
            if transaction != self.transaction:
                self.transaction = transaction
                self.address = byte
            elif self.address & 0x80:
                back[i] = self.read(self.address >> 1 & 0x3F)
                # Several may be read at once: each byte is the next address, 0 the end.
                self.address = byte | 0x80 if byte else self.address
            else:
                self.write(self.address >> 1 & 0x3F, byte)
        return back

    def read(self, register):
        if register == _FIFO:
            if not self.fifo:
                return 0
            first = self.fifo[0]
            self.fifo = self.fifo[1:]
            return first
        if register == _LEVEL:
            return len(self.fifo)
        return self.registers[register]

    def write(self, register, value):
        if register == _FIFO:
            self.fifo.append(value)
        elif register == _LEVEL:
            if value & 0x80:
                self.fifo = bytearray()
        elif register in (_COM_IRQ, _DIV_IRQ):
            # Bit 7 says whether the marked bits are set or cleared.
            marked = value & 0x7F
            now = self.registers[register]
            self.registers[register] = now | marked if value & 0x80 else now & ~marked
        elif register == _COMMAND:
            self.command(value & 0xF)
        elif register == _FRAMING:
            self.registers[_FRAMING] = value & 0x7F
            if value & 0x80 and self.registers[_COMMAND] & 0xF == _TRANSCEIVE:
                self.talk(value & 7)
        elif register != _VERSION:
            self.registers[register] = value

    def command(self, command):
        if command == _SOFT_RESET:
            transaction, address = self.transaction, self.address
            self.reset()
            self.transaction, self.address = transaction, address
            return
        self.registers[_COMMAND] = command
        if command == _CALC_CRC:
            crc = crc_a(self.fifo)
            self.fifo = bytearray()
            self.registers[_CRC_LOW], self.registers[_CRC_HIGH] = crc & 0xFF, crc >> 8
            self.registers[_DIV_IRQ] |= _CRC_IRQ

    def talk(self, bits):
        """Sends what is in the FIFO to the card, and puts what it answers there."""
        answer = self.card(bytes(self.fifo), bits)
        self.fifo = bytearray(answer or b"")
        self.registers[_ERROR] = 0
        self.registers[_CONTROL] &= ~7
        # Silence ends with the timer that drivers start with each frame (TAuto).
        self.registers[_COM_IRQ] |= _RX_IRQ | _IDLE_IRQ if answer else _TIMER_IRQ

    def card(self, frame, bits):
        number = int(_reading(self.setting, 0) or 0)
        if number == 0:
            self.halted = None
            return None
        uid = bytes([number >> shift & 0xFF for shift in (24, 16, 8, 0)])
        if bits == 7 and frame in (b"\x26", b"\x52"):
            if frame == b"\x26" and self.halted == number:
                return None
            self.halted = None
            return b"\x04\x00"
        if frame == b"\x93\x20":
            return uid + bytes([uid[0] ^ uid[1] ^ uid[2] ^ uid[3]])
        end = crc_a(frame[:-2])
        if len(frame) > 2 and frame[-2:] == bytes([end & 0xFF, end >> 8]):
            if frame[:6] == b"\x93\x70" + uid:
                sak = b"\x08"
                end = crc_a(sak)
                return sak + bytes([end & 0xFF, end >> 8])
            if frame[:2] == b"\x50\x00":
                self.halted = number
        return None
