# The module `socket` of a virtual ESP32, over the sockets the board has (src/virtual/vmSockets.ts).
import io as _io
import uctypes as _uctypes
import _host as _h

AF_INET = 2
AF_INET6 = 10
SOCK_STREAM = 1
SOCK_DGRAM = 2
SOCK_RAW = 3
IPPROTO_IP = 0
IPPROTO_TCP = 6
IPPROTO_UDP = 17
SOL_SOCKET = 0xFFF
SO_REUSEADDR = 4
SO_BROADCAST = 0x20
SO_KEEPALIVE = 8
TCP_NODELAY = 1
IP_ADD_MEMBERSHIP = 3

_new = _h.sock_new
_connect = _h.sock_connect
_bind = _h.sock_bind
_accept = _h.sock_accept
_send = _h.sock_send
_sendto = _h.sock_sendto
_recv = _h.sock_recv
_poll = _h.sock_poll
_host_of = _h.sock_peer_host
_port_of = _h.sock_peer_port
_close = _h.sock_close
_online = _h.wifi_status
_now = _h.now
_address = _uctypes.addressof
# for the module tls, which takes them from here
_tls = (
    _h.tls_pem,
    _h.tls_start,
    _h.tls_handshake,
    _h.tls_errno,
    _h.tls_text,
    _h.tls_cipher,
    _h.tls_version,
    _h.tls_peer,
)
_EINTR = const(-4)
_EAGAIN = const(-11)


def getaddrinfo(host, port, af=0, type=0, proto=0, flags=0):
    if isinstance(host, bytes):
        host = host.decode()
    if host == "" or host == "0.0.0.0":
        host = "0.0.0.0"
    elif _online() != 1010:
        raise OSError(-202)
    if host == "localhost":
        host = "127.0.0.1"
    return [(AF_INET, type or SOCK_STREAM, 0, "", (host, int(port)))]


class socket(_io.IOBase):
    def __init__(self, af=AF_INET, type=SOCK_STREAM, proto=0, *, _id=0):
        if af != AF_INET or type not in (SOCK_STREAM, SOCK_DGRAM):
            raise OSError(97)
        self._type = type
        self._id = _id or _new(1 if type == SOCK_DGRAM else 0)
        self._timeout = -1

    def _do(self, call, *args):
        # Ctrl-C and timers break a wait: let the VM see to them, then go on waiting.
        ms = self._timeout
        if ms > 0:
            end = _now() + ms
        while True:
            result = call(self._id, *args, ms)
            if result >= 0:
                return result
            if result == _EINTR:
                if self._timeout > 0:
                    ms = end - _now()
                    if ms <= 0:
                        raise OSError(116)
                continue
            if result == _EAGAIN:
                raise OSError(116 if self._timeout > 0 else 11)
            raise OSError(-result)

    def connect(self, address):
        self._do(_connect, address[0], address[1])

    def bind(self, address):
        self._bound = address
        if self._type == SOCK_DGRAM:
            self._do(_bind, address[0], address[1])

    def listen(self, backlog=2):
        self._do(_bind, self._bound[0], self._bound[1])

    def accept(self):
        id = self._do(_accept)
        return socket(_id=id), (_host_of(self._id), _port_of(self._id))

    def send(self, data):
        n = len(data)
        return self._do(_send, _address(data), n) if n else 0

    def sendall(self, data):
        view = memoryview(data)
        while len(view):
            view = view[self.send(view) :]

    def sendto(self, data, address):
        r = _sendto(self._id, _address(data), len(data), address[0], address[1])
        if r < 0:
            raise OSError(-r)
        return r

    def recv(self, n):
        data = bytearray(n)
        return bytes(memoryview(data)[: self._do(_recv, _address(data), n)])

    def recvfrom(self, n):
        data = self.recv(n)
        return data, (_host_of(self._id), _port_of(self._id))

    def write(self, data, n=-1):
        view = memoryview(data)
        if n >= 0:
            view = view[:n]
        total = len(view)
        while len(view):
            try:
                view = view[self.send(view) :]
            except OSError as e:
                if e.errno != 11:
                    raise
                done = total - len(view)
                return done or None
        return total

    def readinto(self, buf, n=-1):
        n = len(buf) if n < 0 else min(n, len(buf))
        if not n:
            return 0
        try:
            return self._do(_recv, _address(buf), n)
        except OSError as e:
            if e.errno == 11:
                return None
            raise

    def read(self, n=-1):
        if n < 0:
            out = bytearray()
            while True:
                try:
                    more = self.recv(512)
                except OSError as e:
                    if e.errno == 11:
                        return bytes(out) or None
                    raise
                if not more:
                    return bytes(out)
                out += more
        out = bytearray(n)
        view = memoryview(out)
        have = 0
        while have < n:
            try:
                more = self._do(_recv, _address(view[have:]), n - have)
            except OSError as e:
                if e.errno == 11:
                    if not have:
                        return None
                    break
                raise
            if not more:
                break
            have += more
        return bytes(view[:have])

    def readline(self, n=-1):
        out = bytearray()
        while n < 0 or len(out) < n:
            try:
                c = self.recv(1)
            except OSError as e:
                if e.errno == 11:
                    return bytes(out) or None
                raise
            out += c
            if not c or c == b"\n":
                break
        return bytes(out)

    def makefile(self, *args):
        return self

    def settimeout(self, seconds):
        self._timeout = -1 if seconds is None else int(seconds * 1000)

    def setblocking(self, on):
        self._timeout = -1 if on else 0

    def setsockopt(self, *args):
        pass

    def fileno(self):
        return self._id

    def close(self):
        if self._id:
            _close(self._id)
            self._id = 0

    def ioctl(self, request, arg):
        if request == 3:
            return _poll(self._id) & (arg | 24)
        if request == 4:
            self.close()
        return 0

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.close()

    def __repr__(self):
        return "<socket>"
