# The module `sys` of an ESP32: its names, and a text stdin that ends a line at Enter.
import sys as _real
import io as _io
import uctypes as _uctypes
import _host as _h

for _name in dir(_real):
    if not _name.startswith("__"):
        globals()[_name] = getattr(_real, _name)

platform = "esp32"
_version = (1, 13, 0, "") if _h.version() == "1.13" else (1, 27, 0, "")
version = "3.4.0; MicroPython v1.%s" % ("13" if _version[1] == 13 else "27.0")
_kind = type(_real.implementation)
from collections import namedtuple as _namedtuple

implementation = _namedtuple("implementation", ("name", "version", "_machine", "_mpy", "_build"))(
    "micropython",
    _version,
    _h.machine(),
    _real.implementation._mpy,
    _h.build(),
)
del _namedtuple, _kind, _version, _name

_get = _h.rx_get
_any = _h.rx_any
_tx = _h.tx
_glance = _h.glance
_write = _real.stdout.write
_address = _uctypes.addressof


def _byte():
    while True:
        c = _get(-1)
        if c >= 0:
            return c


def _send(data):
    if isinstance(data, str):
        data = data.encode()
    n = len(data)
    if n:
        _tx(_address(data), n)
    return n


class _Stream(_io.IOBase):
    def _more(self, out, n):
        return n < 0 or len(out) < n

    def _read(self, n, text):
        out = bytearray()
        while n < 0 or len(out) < n:
            c = _byte()
            if text and c == 13:
                c = 10
            if n < 0 and c == 4:
                break
            out.append(c)
        return out

    def _line(self, text):
        out = bytearray()
        while True:
            c = _byte()
            if text and c == 13:
                c = 10
            out.append(c)
            if c == 10:
                return out

    def close(self):
        pass

    def _poll(self):
        return 5 if _any() else 4

    def ioctl(self, request, arg):
        return self._poll() & arg if request == 3 else 0


class _BytesIn(_Stream):
    def read(self, n=-1):
        return bytes(self._read(n, False))

    def readline(self, n=-1):
        return bytes(self._line(False))

    def readinto(self, buf, n=-1):
        n = len(buf) if n < 0 else min(n, len(buf))
        for i in range(n):
            buf[i] = _byte()
        return n

    def write(self, data):
        return _send(data)


class _TextIn(_Stream):
    def __init__(self):
        self.buffer = _BytesIn()

    def read(self, n=-1):
        out = self._read(n, True)
        # A character of several bytes counts as one: read the rest of what was cut.
        while n > 0:
            text = 0
            need = 0
            for c in out:
                if need:
                    need -= 1
                elif c >= 0xF0:
                    need = 3
                elif c >= 0xE0:
                    need = 2
                elif c >= 0xC0:
                    need = 1
                if not need:
                    text += 1
            if text >= n and not need:
                break
            out += self._read(1, True)
        return str(out, "utf-8")

    def readline(self, n=-1):
        return str(self._line(True), "utf-8")

    def readlines(self):
        return [self.readline()]

    def readinto(self, buf, n=-1):
        return self.buffer.readinto(buf, n)


class _BytesOut(_Stream):
    def write(self, data):
        return _send(data)

    def flush(self):
        pass


class _TextOut(_Stream):
    def __init__(self):
        self.buffer = _BytesOut()

    def write(self, data):
        return _write(data)

    def flush(self):
        pass


stdin = _TextIn()
stdout = _TextOut()
stderr = stdout


def _input(prompt=""):
    _write(str(prompt))
    line = bytearray()
    while True:
        c = _byte()
        if c == 13 or c == 10:
            _write("\n")
            return str(line, "utf-8")
        if c == 4 and not line:
            raise EOFError
        if c == 8 or c == 127:
            if line:
                while len(line) and (line[-1] & 0xC0) == 0x80:
                    line = line[:-1]
                line = line[:-1]
                _write("\b \b")
        elif c >= 32 or c == 9:
            line.append(c)
            _send(bytes((c,)))
