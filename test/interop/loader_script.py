#!/usr/bin/env python3
"""A client of the ESP32 serial loader that shares nothing with Parley: python3-serial and the protocol's
documentation (Espressif, esptool documentation, "Serial Protocol"). loaderScript.test.ts runs it against
a virtual board, as `loader_script.py PORT NAME [ARGS]`; each NAME below is one thing a flasher does.
It prints one JSON object.
"""

import hashlib
import json
import os
import struct
import sys
import time
import zlib

import serial

END, ESC = 0xC0, 0xDB
FLASH_SIZE = 4 * 1024 * 1024


class Refused(Exception):
    """The loader answered with a failure."""

    def __init__(self, op, code):
        super().__init__("op 0x%02x refused with 0x%02x" % (op, code))
        self.op, self.code = op, code


class Chip:
    def __init__(self, tcp):
        self.port = serial.serial_for_url(
            "rfc2217://127.0.0.1:%s" % tcp, baudrate=115200, timeout=0.05
        )
        self.held = b""
        self.status_bytes = 4

    # The line

    def frame(self, seconds=10):
        end = time.time() + seconds
        while True:
            start = self.held.find(bytes([END]))
            stop = self.held.find(bytes([END]), start + 1) if start >= 0 else -1
            if stop > start >= 0:
                body, self.held = self.held[start + 1 : stop], self.held[stop + 1 :]
                if body:
                    body = body.replace(b"\xdb\xdc", b"\xc0").replace(b"\xdb\xdd", b"\xdb")
                    return body
                self.held = bytes([END]) + self.held
                continue
            if time.time() > end:
                raise TimeoutError("no frame, but %r" % self.held[:80])
            self.held += self.port.read(max(1, self.port.in_waiting))

    def send(self, body):
        body = body.replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc")
        self.port.write(bytes([END]) + body + bytes([END]))

    def ask(self, op, data=b"", checksum=0, seconds=10):
        self.send(struct.pack("<BBHI", 0, op, len(data), checksum) + data)
        answer = self.frame(seconds)
        direction, answered, length, value = struct.unpack("<BBHI", answer[:8])
        status = answer[len(answer) - self.status_bytes :]
        if direction != 1 or length != len(answer) - 8:
            raise ValueError("not an answer: %r" % answer)
        if status[0]:
            # The ROM says that it failed, then why; the stub says why at once.
            raise Refused(answered, status[1] or status[0])
        if answered != op:
            raise ValueError("asked 0x%02x, answered 0x%02x" % (op, answered))
        return value, answer[8 : len(answer) - self.status_bytes]

    def refusal(self, op, data=b"", checksum=0):
        """The code that an op is refused with, and the op that the answer bears."""
        try:
            self.ask(op, data, checksum)
        except Refused as why:
            return [why.op, why.code]
        return "accepted"

    # Into the loader

    def enter(self):
        port = self.port
        port.dtr, port.rts = False, True
        time.sleep(0.1)
        port.dtr = True
        port.rts = False
        time.sleep(0.05)
        port.dtr = False
        end = time.time() + 10
        text = b""
        while b"waiting for download" not in text and time.time() < end:
            text += port.read(4096)
        self.sync()
        return text.decode("latin1")

    def sync(self):
        self.held = b""
        self.send(struct.pack("<BBHI", 0, 8, 36, 0) + b"\x07\x07\x12\x20" + b"\x55" * 32)
        for _ in range(8):
            if self.frame()[1] != 8:
                raise ValueError("no answer to SYNC")

    # What flashers do

    def read(self, address):
        return self.ask(0x0A, struct.pack("<I", address))[0]

    def write(self, address, value, mask=0xFFFFFFFF):
        self.ask(0x09, struct.pack("<IIII", address, value, mask, 0))

    def spi(self, command, read_bits=0, write=None):
        base = 0x3FF42000
        if read_bits:
            self.write(base + 0x2C, read_bits - 1)
        if write is not None:
            self.write(base + 0x28, len(write) * 8 - 1)
            self.write(base + 0x80, int.from_bytes(write, "little"))
        flags = 1 << 31 | (1 << 28 if read_bits else 0) | (1 << 27 if write else 0)
        self.write(base + 0x1C, flags)
        self.write(base + 0x24, 7 << 28 | command)
        self.write(base, 1 << 18)
        while self.read(base) & 1 << 18:
            pass
        return self.read(base + 0x80)

    def attach(self):
        self.ask(0x0D, bytes(8))
        self.ask(0x0B, struct.pack("<IIIIII", 0, FLASH_SIZE, 65536, 4096, 256, 0xFFFF))

    def block(self, op, sequence, data):
        checksum = 0xEF
        for byte in data:
            checksum ^= byte
        self.ask(op, struct.pack("<IIII", len(data), sequence, 0, 0) + data, checksum)

    def flash(self, offset, image, compressed, size=0x400):
        begin, data = (0x10, 0x11) if compressed else (0x02, 0x03)
        body = zlib.compress(image, 9) if compressed else image
        count = (len(body) + size - 1) // size
        total = len(image) if compressed else count * size
        self.ask(begin, struct.pack("<IIII", total, count, size, offset), seconds=60)
        for n in range(count):
            part = body[n * size : (n + 1) * size]
            self.block(data, n, part if compressed else part.ljust(size, b"\xff"))

    def md5(self, offset, length):
        answer = self.ask(0x13, struct.pack("<IIII", offset, length, 0, 0), seconds=60)[1]
        return answer.decode() if len(answer) == 32 else answer.hex()

    def slow_read(self, offset, length):
        got = b""
        while len(got) < length:
            part = min(64, length - len(got))
            got += self.ask(0x0E, struct.pack("<II", offset + len(got), part))[1][:part]
        return got

    def baud(self, rate, old=0):
        self.ask(0x0F, struct.pack("<II", rate, old))
        self.port.baudrate = rate
        time.sleep(0.05)
        self.port.reset_input_buffer()
        self.held = b""

    def stub(self):
        code = os.urandom(0x1800 + 100)
        self.ask(0x05, struct.pack("<IIII", len(code), 2, 0x1800, 0x4008E000))
        for n in range(2):
            self.block(0x07, n, code[n * 0x1800 : (n + 1) * 0x1800])
        self.ask(0x06, struct.pack("<II", 0, 0x4008E000))
        if self.frame() != b"OHAI":
            raise ValueError("the stub does not greet")
        self.status_bytes = 2

    def stub_read(self, offset, length, block=0x1000, in_flight=64):
        self.ask(0xD2, struct.pack("<IIII", offset, length, block, in_flight))
        got = b""
        while len(got) < length:
            got += self.frame()
            self.send(struct.pack("<I", len(got)))
        if self.frame() != hashlib.md5(got).digest():
            raise ValueError("digest of the flash read differs")
        return got


def chip_facts(chip):
    low, high = chip.read(0x3FF5A004), chip.read(0x3FF5A008)
    mac = struct.pack(">HI", high & 0xFFFF, low)
    clock = chip.read(0x3FF40014)
    return {
        "magic": chip.read(0x40001000),
        "mac": mac.hex(":"),
        "crystal": round(((clock & 0xFFFFF) + (clock >> 20) / 16) * 115200 / 1e6),
        "flashId": chip.spi(0x9F, 24),
        "status": chip.spi(0x05, 16),
        "revision": chip.read(0x3FF5A00C) >> 15 & 1,
    }


def flash_status(chip):
    chip.spi(0x06)
    chip.spi(0x01, write=b"\x1c\x02")
    return {"low": chip.spi(0x05, 8), "high": chip.spi(0x35, 8)}


def read_flash_status(chip):
    """All three bytes of it, as `read_flash_status --bytes 3` asks: one command each."""
    return {"status": [chip.spi(command, 8) for command in (0x05, 0x35, 0x15)]}


def memory(chip):
    """read_mem, write_mem with a mask, dump_mem: registers whose values are known."""
    scratch = 0x3FF42080
    chip.write(scratch, 0x12345678)
    chip.write(scratch, 0xFFFFFFFF, 0x0000FF00)
    fuses = b"".join([struct.pack("<I", chip.read(0x3FF5A000 + at)) for at in range(0, 32, 4)])
    return {
        "scratch": chip.read(scratch),
        "uart": chip.read(0x3FF40014) & 0xFFFFF,
        "mac in the dump": fuses[4:10][::-1].hex(":"),
        "dump": len(fuses),
    }


def refusals(chip):
    chip.read(0x40001000)
    return {
        "security info": chip.refusal(0x14),
        "erase flash": chip.refusal(0xD0),
        "erase region": chip.refusal(0xD1, bytes(8)),
        "read flash": chip.refusal(0xD2, bytes(16)),
        "encrypted data": chip.refusal(0xD4, bytes(16)),
        "read too much": chip.refusal(0x0E, struct.pack("<II", 0, 65)),
        "outside": chip.refusal(0x02, struct.pack("<IIII", 4096, 1, 4096, FLASH_SIZE)),
        "data before begin": chip.refusal(0x03, struct.pack("<IIII", 0, 0, 0, 0), 0xEF),
        "too short": chip.refusal(0x02, bytes(4)),
        "still there": chip.read(0x40001000),
    }


def write_and_read(chip, *names):
    """Plain, deflated, two files in a row; MD5 and reading back."""
    chip.attach()
    images = [os.urandom(5000), bytes(range(256)) * 64 + os.urandom(77)]
    places = [0x20000, 0x31000]
    for compressed in (False, True):
        for image, place in zip(images, places):
            chip.flash(place, image, compressed)
            if chip.md5(place, len(image)) != hashlib.md5(image).hexdigest():
                return {"same": False, "compressed": compressed}
    back = chip.slow_read(places[0], 300)
    chip.ask(0x12, struct.pack("<I", 1))
    return {"same": back == images[0][:300]}


def verify(chip):
    """verify_flash: the same, and one bit that is not."""
    chip.attach()
    image = os.urandom(9000)
    chip.flash(0x50000, image, True)
    other = bytes([image[0] ^ 1]) + image[1:]
    chip.flash(0x58000, other, False)
    wanted = hashlib.md5(image).hexdigest()
    found = [chip.md5(place, len(image)) == wanted for place in (0x50000, 0x58000)]
    differs = [at for at in range(64) if chip.slow_read(0x58000, 64)[at] != image[at]]
    return {"found": found, "differs": differs}


def stub_files(chip):
    """With the stub: several files, deflated and (-u) plain, each at a rate of its own."""
    chip.stub()
    chip.attach()
    rate, good = 115200, []
    for compressed, new in ((False, 460800), (True, 921600), (False, 2000000), (True, 9600)):
        chip.baud(new, rate)
        rate = new
        images = {0x60000: os.urandom(1500), 0x62000: bytes(700), 0x63000: b"\xff" * 900}
        for place, image in images.items():
            chip.flash(place, image, compressed, 0x4000)
        same = [
            chip.md5(place, len(image)) == hashlib.md5(image).hexdigest()
            for place, image in images.items()
        ]
        if all(same):
            good.append(new)
    return {"good": good}


def bauds(chip, *rates):
    chip.attach()
    image = os.urandom(3000)
    good = []
    for rate in rates:
        chip.baud(int(rate))
        chip.flash(0x40000, image, False)
        if chip.md5(0x40000, len(image)) == hashlib.md5(image).hexdigest():
            good.append(int(rate))
    return {"good": good}


def with_stub(chip):
    chip.stub()
    chip.attach()
    image = os.urandom(40000)
    chip.flash(0x10000, image, True, 0x4000)
    same = chip.md5(0x10000, len(image)) == hashlib.md5(image).hexdigest()
    read = chip.stub_read(0x10000, len(image)) == image
    chip.ask(0xD1, struct.pack("<II", 0x11000, 0x2000))
    region = chip.stub_read(0x10000, 0x4000, 0x400, 0x1000)
    whole = image[:0x1000] + b"\xff" * 0x2000 + image[0x3000:0x4000]
    chip.ask(0xD0, seconds=60)
    blank = chip.stub_read(0x10000, 0x4000) == b"\xff" * 0x4000
    return {
        "same": same,
        "read": read,
        "region": region == whole,
        "blank": blank,
        "security info": chip.refusal(0x14),
        "unaligned": chip.refusal(0xD1, struct.pack("<II", 0x100, 0x1000)),
    }


def run_flashed(chip):
    """Leaves the loader as `esptool run` does: what is in the flash starts."""
    chip.ask(0x02, struct.pack("<IIII", 0, 0, 0x400, 0))
    chip.send(struct.pack("<BBHI", 0, 0x04, 4, 0) + struct.pack("<I", 0))
    end, text = time.time() + 20, b""
    while b"invalid header" not in text and b">>> " not in text and time.time() < end:
        text += chip.port.read(4096)
    return {"text": text.decode("latin1")}


def main():
    chip = Chip(sys.argv[1])
    banner = chip.enter()
    found = globals()[sys.argv[2]](chip, *sys.argv[3:])
    print(json.dumps({"banner": banner, **found}))
    chip.port.close()


if __name__ == "__main__":
    main()
