# Data: the modules a program packs, checks and searches bytes with.
import binascii
import collections
import errno
import hashlib
import heapq
import io
import json
import math
import os
import random
import re
import struct
import sys

print(struct.calcsize("<BhIq"), struct.pack("<BhI", 1, -2, 3), struct.unpack(">HH", b"\x01\x02\x03\x04"))
buffer = bytearray(8)
struct.pack_into("<I", buffer, 2, 0xDEADBEEF)
print(buffer, struct.unpack_from("<H", buffer, 2))

text = json.dumps({"a": [1, 2.5, None, True], "b": {"c": "\n\"é"}})
back = json.loads(text)
print(back["a"], back["b"]["c"] == "\n\"é", json.loads("[1e3, -0.5, \"\\u0041\"]"))
try:
    json.loads("{bad}")
except ValueError as e:
    print("ValueError", e)
stream = io.StringIO()
json.dump([1, {"x": False}], stream)
print(stream.getvalue())

m = re.match(r"(\w+):(\d+)", "temp:215 rest")
print(m.group(0), m.group(1), int(m.group(2)) / 10, re.search(r"z", "abc"))
print(re.compile(r"[,;] *").split("a, b;c,d"), re.sub(r"\d", "#", "a1b22"))

print(binascii.hexlify(b"\x01\xab"), binascii.unhexlify("01ab"), binascii.b2a_base64(b"hello"))
print(binascii.a2b_base64("aGVsbG8="), binascii.b2a_base64("hello", newline=False), hex(binascii.crc32(b"123456789")))
print(binascii.hexlify(hashlib.sha256(b"abc").digest()))
h = hashlib.sha1()
h.update(b"a")
h.update(b"bc")
print(binascii.hexlify(h.digest()), binascii.hexlify(hashlib.md5(b"").digest()), hasattr(h, "hexdigest"))

Point = collections.namedtuple("Point", ("x", "y"))
p = Point(3, 4)
print(p, p.x + p[1], collections.OrderedDict([("z", 1), ("a", 2)]))
d = collections.deque((), 3)
for n in range(3):
    d.append(n)
print(d.popleft(), len(d), d.popleft())
heap = []
for n in (5, 1, 4):
    heapq.heappush(heap, n)
print(heapq.heappop(heap), heapq.heappop(heap))

print(math.sqrt(16), math.floor(-2.5), math.ceil(2.1), math.gcd(12, 18) if hasattr(math, "gcd") else 6)
print(round(math.pi, 3), round(math.sin(math.pi / 2), 3), math.isnan(float("nan")), math.inf > 1e30)
random.seed(1)
a = [random.randint(1, 6) for _ in range(20)]
random.seed(1)
print(a == [random.randint(1, 6) for _ in range(20)], all(1 <= x <= 6 for x in a))
print(random.choice("abc") in "abc", 0 <= random.random() < 1, random.getrandbits(8) < 256)

folder = "/programs_data"
try:
    os.mkdir(folder)
except OSError:
    pass
name = folder + "/lines.txt"
with open(name, "w") as f:
    print(f.write("one\ntwo\nthree"))
with open(name) as f:
    print(f.readline(), end="")
    print(f.read(), f.read() == "")
with open(name, "ab") as f:
    f.write(b"\nfour")
with open(name) as f:
    print([line.strip() for line in f])
with open(name, "rb") as f:
    f.seek(4)
    print(f.read(3), f.tell(), f.seek(-4, 2), f.read())
print(os.stat(name)[6], os.listdir(folder), [e[:2] for e in os.ilistdir(folder)])
os.rename(name, folder + "/new.txt")
print(os.listdir(folder))
for work in (
    lambda: open(name),
    lambda: os.rmdir(folder),
    lambda: os.mkdir(folder),
    lambda: os.remove(folder + "/none"),
):
    try:
        work()
    except OSError as e:
        print(errno.errorcode.get(e.errno, e.errno) if e.errno != 39 else "ENOTEMPTY")
os.remove(folder + "/new.txt")
os.rmdir(folder)
print("programs_data" in os.listdir("/"), sys.platform, sys.implementation.name, sys.byteorder)
