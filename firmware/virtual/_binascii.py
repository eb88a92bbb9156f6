# The module `binascii` of an ESP32: the VM's is written in Python and takes no text.
import binascii as _real

crc32 = _real.crc32
hexlify = _real.hexlify


def _bytes(data):
    return data.encode() if isinstance(data, str) else data


def unhexlify(data):
    data = _bytes(data)
    if len(data) & 1:
        raise ValueError("odd-length string")
    return _real.unhexlify(data)


def a2b_base64(data):
    return _real.a2b_base64(_bytes(data))


def b2a_base64(data, *, newline=True):
    # The VM's knows no `newline`, and always ends the line.
    out = _real.b2a_base64(_bytes(data))
    return out if newline else out.rstrip(b"\n")
