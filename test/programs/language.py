# The language: what a program of a beginner and of an expert is made of.
from micropython import const

LIMIT = const(5)


class Shape:
    count = 0

    def __init__(self, name):
        self.name = name
        Shape.count += 1

    def area(self):
        raise NotImplementedError

    def __repr__(self):
        return "%s(%s)" % (type(self).__name__, self.name)

    def __lt__(self, other):
        return self.area() < other.area()

    @property
    def label(self):
        return self.name.upper()

    @staticmethod
    def unit():
        return "m2"

    @classmethod
    def made(cls):
        return cls.count


class Square(Shape):
    def __init__(self, side):
        super().__init__("square")
        self.side = side

    def area(self):
        return self.side**2


class Disc(Shape):
    def __init__(self, r):
        super().__init__("disc")
        self.r = r

    def area(self):
        return 3 * self.r * self.r


shapes = [Square(4), Disc(2), Square(1)]
print(sorted(shapes, key=lambda s: s.area()), min(shapes).label, Shape.unit(), Disc.made())
try:
    Shape("bare").area()
except NotImplementedError as e:
    print("not implemented", repr(e), e.args)


def numbers(n):
    got = None
    for i in range(n):
        got = yield i if got is None else got * 10
    return "done"


def relay():
    result = yield from numbers(3)
    yield result


g = relay()
print(next(g), g.send(7), g.send(8), next(g))


def counter():
    n = 0

    def up(by=1, *more, **named):
        nonlocal n
        n += by + sum(more) + sum(named.values())
        return n

    return up


up = counter()
print(up(), up(2), up(1, 2, 3, a=4), up(by=5))


class Door:
    def __enter__(self):
        print("open")
        return self

    def __exit__(self, kind, value, trace):
        print("shut", kind.__name__ if kind else None, value)
        return kind is KeyError


with Door():
    {}["none"]
try:
    with Door():
        [][1]
except IndexError as e:
    print("caught", e)
finally:
    print("finally")

try:
    try:
        int("x")
    except ValueError as e:
        raise RuntimeError("worse") from e
except (RuntimeError, OSError) as e:
    print(type(e), e)

first, *rest, last = "abcdef"
print(first, rest, last, "abcdef"[1:], "abcdef"[-4:-1], [1, 2, 3][::2])
print(sorted({k: v for k, v in zip("abc", range(3))}.items()), {x % 3 for x in range(9)} == {0, 1, 2})
print([(x, y) for x in range(3) for y in "ab" if x != 1], sum(x * x for x in range(LIMIT)))
print("%5.2f|%-6s|%06d|%x|%r" % (3.14159, "ab", 42, 255, "q"))
print("{:>8}|{:<8}|{:^8}|{:+d}|{:,}|{:#x}|{:.3e}".format("r", "l", "c", 5, 1234567, 255, 12345.678))
name = "world"
print(f"hello {name} {3 * 7:03d} {name!r} {1 / 4:.1%}")
print(2**100, -7 // 2, -7 % 3, divmod(17, 5), 7 & 3, 1 << 40, ~5, 0b1010, 0o17, 0xFF)
print(bytes([65, 66]), b"\x00\xff".hex(), bytearray(b"abc")[1], "é".encode(), b"\xc3\xa9".decode())
print(all([]), any([0, "", None, 3]), list(map(str, range(3))), list(filter(None, [0, 1, 2])))
print(isinstance(True, int), issubclass(Disc, Shape), callable(up), hasattr(shapes[0], "side"))
print(list(enumerate("ab", 1)), list(reversed([1, 2, 3])), max("hello"), sorted("hello", reverse=True))
print("a,b,,c".split(","), "  x ".strip(), "abc".find("z"), "aXbX".replace("X", "-"), "ab" * 3)
i = 0
while True:
    i += 1
    if i % 2:
        continue
    if i > 6:
        break
else:
    print("never")
print(i, [n for n in range(2, 20) if all(n % d for d in range(2, n))])
assert i == 8, "wrong"
try:
    assert i == 9, "i is %d" % i
except AssertionError as e:
    print("assert", e)
