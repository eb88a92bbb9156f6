"""Network connections. A socket is also a stream: read, readline, write."""

from typing import Any

from _typeshed import ReadableBuffer, WriteableBuffer

AF_INET: int
AF_INET6: int
SOCK_STREAM: int
SOCK_DGRAM: int
SOCK_RAW: int
IPPROTO_TCP: int
IPPROTO_UDP: int
IPPROTO_IP: int
SOL_SOCKET: int
SO_REUSEADDR: int
SO_BROADCAST: int
SO_KEEPALIVE: int
SO_BINDTODEVICE: int
IP_ADD_MEMBERSHIP: int
TCP_NODELAY: int

_Address = Any

def getaddrinfo(
    host: str, port: int | str, af: int = 0, type: int = 0, proto: int = 0, flags: int = 0, /
) -> list[tuple[int, int, int, str, Any]]:
    """Addresses of a host; the last part of each is what connect and bind take."""

class socket:
    """socket() is TCP over IPv4."""

    def __init__(self, af: int = ..., type: int = ..., proto: int = ..., /) -> None: ...
    def close(self) -> None:
        """A board has only some ten sockets: close each."""

    def bind(self, address: _Address, /) -> None: ...
    def listen(self, backlog: int = ..., /) -> None: ...
    def accept(self) -> tuple[socket, Any]: ...
    def connect(self, address: _Address, /) -> None:
        """An address as getaddrinfo gives it, or (host, port). OSError where nobody answers."""

    def send(self, bytes: ReadableBuffer, /) -> int: ...
    def sendall(self, bytes: ReadableBuffer, /) -> None: ...
    def recv(self, bufsize: int, /) -> bytes:
        """What came, at most so much; b'' where the other side closed."""

    def sendto(self, bytes: ReadableBuffer, address: _Address, /) -> int: ...
    def recvfrom(self, bufsize: int, /) -> tuple[bytes, Any]: ...
    def setsockopt(self, level: int, optname: int, value: Any, /) -> None: ...
    def settimeout(self, value: float | None, /) -> None:
        """Seconds until a call gives up with OSError; None waits for ever, 0 not at all."""

    def setblocking(self, flag: bool, /) -> None: ...
    def makefile(self, mode: str = "rb", buffering: int = 0, /) -> socket: ...
    def fileno(self) -> int: ...
    def read(self, size: int = ..., /) -> bytes | None:
        """So many bytes, or all until the other side closes; None where it does not wait and nothing came."""

    def readinto(self, buf: WriteableBuffer, nbytes: int = ..., /) -> int | None: ...
    def readline(self) -> bytes: ...
    def write(self, buf: ReadableBuffer | str, /) -> int | None: ...
    def __enter__(self) -> socket: ...
    def __exit__(self, *args: object) -> None: ...
