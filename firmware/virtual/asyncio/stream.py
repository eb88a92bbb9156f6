# Streams of asyncio over sockets that do not block, the line, or a UART: anything with ioctl.
# Nothing is registered anywhere: whoever waits looks again after a sleep that grows to _SLOWEST ms, so
# a wait is cancelled like any sleep. Below: _syncio, socket. Above: asyncio/__init__.py.
from _syncio import Event
from _syncio.core import CancelledError, create_task, sleep_ms

_POLL = const(3)  # what ioctl is asked; the rest are bits of its answer, as in select
_IN = const(1)
_OUT = const(4)
_TROUBLE = const(24)
_SLOWEST = const(10)
_EINPROGRESS = const(119)


async def _ready(thing, wanted):
    # At least one turn for the others, however fast the data comes.
    rest = 0
    while True:
        await sleep_ms(rest)
        if thing.ioctl(_POLL, wanted) & (wanted | _TROUBLE):
            return
        rest = min(rest + 1, _SLOWEST)


class _Stream:
    def __init__(self, s, extra={}):
        self.s = s
        self._extra = extra
        self._unsent = b""

    def get_extra_info(self, name):
        return self._extra[name]

    async def _gather(self, take, enough):
        # Joins what take(so far) brings, until enough(so far) or the end of the stream.
        whole = None
        while True:
            await _ready(self.s, _IN)
            part = take(len(whole or ""))
            if part is None:
                continue
            whole = part if whole is None else whole + part
            if not part or enough(whole):
                return whole

    async def read(self, n=-1):
        return await self._gather(lambda have: self.s.read(n), lambda whole: n >= 0)

    async def readexactly(self, n):
        if n == 0:
            return b""
        whole = await self._gather(
            lambda have: self.s.read(n - have), lambda whole: len(whole) == n
        )
        if len(whole) < n:
            raise EOFError
        return whole

    async def readline(self):
        return await self._gather(
            lambda have: self.s.readline(), lambda whole: whole[-1] in (10, "\n")
        )

    async def readinto(self, buf):
        await _ready(self.s, _IN)
        return self.s.readinto(buf)

    def _send(self):
        self._unsent = self._unsent[self.s.write(self._unsent) or 0 :]

    def write(self, buf):
        self._unsent += buf
        if len(self._unsent) == len(buf):
            self._send()  # nothing waits before it

    async def drain(self):
        await sleep_ms(0)
        while self._unsent:
            await _ready(self.s, _OUT)
            self._send()

    async def awrite(self, buf):
        self.write(buf)
        await self.drain()

    def close(self):
        pass  # as on the board: the socket goes with wait_closed

    async def wait_closed(self):
        self.s.close()

    aclose = wait_closed


StreamReader = StreamWriter = _Stream


def _prepare(host, port):
    import socket

    address = socket.getaddrinfo(host, port)[0][-1]
    s = socket.socket()
    s.setblocking(False)
    return s, address


def _secured(s, ssl, name):
    # The handshake goes on while the first bytes are read or written.
    if ssl is True:
        from ssl import SSLContext, PROTOCOL_TLS_CLIENT

        ssl = SSLContext(PROTOCOL_TLS_CLIENT)
    return ssl.wrap_socket(s, server_hostname=name, do_handshake_on_connect=False)


async def open_connection(host, port, ssl=None, server_hostname=None):
    s, address = _prepare(host, port)
    try:
        try:
            s.connect(address)
        except OSError as e:
            if e.errno != _EINPROGRESS:
                raise
            await _ready(s, _OUT)
            s.connect(address)  # a second time, it tells how the first went
        if ssl:
            s = _secured(s, ssl, server_hostname or host)
    except BaseException:
        s.close()
        raise
    both = _Stream(s)
    return both, both


class Server:
    def __init__(self, door, callback, ssl):
        self._door = door
        self._ssl = ssl
        self._callback = callback
        self._closed = Event()
        self.task = create_task(self._welcome(door))

    async def _welcome(self, door):
        try:
            while not self._closed.is_set():
                await sleep_ms(_SLOWEST)
                while not self._closed.is_set() and door.ioctl(_POLL, _IN) & _IN:
                    self._admit(door)
        finally:
            self.close()

    def _admit(self, door):
        try:
            guest, address = door.accept()
        except OSError:
            return  # gone again
        guest.setblocking(False)
        if self._ssl:
            guest = self._ssl.wrap_socket(guest, server_side=True, do_handshake_on_connect=False)
        both = _Stream(guest, {"peername": address})
        create_task(self._callback(both, both))

    def close(self):
        self._door.close()
        self._closed.set()

    async def wait_closed(self):
        try:
            await self._closed.wait()
        except CancelledError:
            self.close()
            raise

    async def __aenter__(self):
        return self

    async def __aexit__(self, *error):
        self.close()


async def start_server(cb, host, port, backlog=5, ssl=None):
    door, address = _prepare(host, port)
    try:
        door.bind(address)
        door.listen(backlog)
    except BaseException:
        door.close()
        raise
    return Server(door, cb, ssl)
