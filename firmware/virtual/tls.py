# The module `tls` of a virtual ESP32: mbedTLS to the program, the computer's own TLS behind it
# (src/virtual/vmTls.ts). Below: the sockets of the module socket. Above: ssl.py.
import io as _io
import uctypes as _uctypes
from socket import _tls

PROTOCOL_TLS_CLIENT = 0
PROTOCOL_TLS_SERVER = 1
CERT_NONE = 0
CERT_OPTIONAL = 1
CERT_REQUIRED = 2
MBEDTLS_VERSION = "Mbed TLS 3.6.4"

(_pem, _start, _shake, _errno_of, _text_of, _cipher_of, _version_of, _peer_of) = _tls
del _tls
_address = _uctypes.addressof
_AGAIN = const(11)
_CIPHERS = (
    "TLS-ECDHE-ECDSA-WITH-AES-256-GCM-SHA384",
    "TLS-ECDHE-RSA-WITH-AES-256-GCM-SHA384",
    "TLS-ECDHE-ECDSA-WITH-AES-128-GCM-SHA256",
    "TLS-ECDHE-RSA-WITH-AES-128-GCM-SHA256",
)


def _as_pem(what, data, complaint):
    if isinstance(data, str):
        data = data.encode()
    text = _pem(what, _address(data), len(data)) if data else ""
    if not text:
        raise ValueError(complaint)
    return text


class SSLContext:
    def __init__(self, protocol):
        if protocol not in (PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER):
            raise ValueError("no DTLS on a virtual board")
        self._ca = self._cert = self._key = ""
        self.verify_mode = CERT_NONE if protocol else CERT_REQUIRED
        self.verify_callback = None

    def load_cert_chain(self, cert, key):
        self._key = _as_pem("key", key, "invalid key")
        self._cert = _as_pem("cert", cert, "invalid cert")

    def load_verify_locations(self, cadata):
        # What is there stays: authorities add up.
        self._ca += _as_pem("cert", cadata, "invalid cert")

    def get_ciphers(self):
        return list(_CIPHERS)

    def set_ciphers(self, ciphers):
        for name in ciphers:
            if name not in _CIPHERS:
                raise OSError(-24192, "MBEDTLS_ERR_SSL_BAD_CONFIG")

    def wrap_socket(
        self, sock, *, server_side=False, do_handshake_on_connect=True, server_hostname=None
    ):
        if server_hostname is None and self.verify_mode == CERT_REQUIRED and not server_side:
            raise ValueError("CERT_REQUIRED requires server_hostname")
        if self.verify_callback is not None:
            raise NotImplementedError("no verify_callback on a virtual board")
        error = _start(
            sock.fileno(),
            1 if server_side else 0,
            self.verify_mode,
            server_hostname or "",
            self._ca,
            self._cert,
            self._key,
        )
        if error:
            raise OSError(-error)
        return SSLSocket(sock, do_handshake_on_connect)


class SSLSocket(_io.IOBase):
    def __init__(self, sock, shake):
        self._sock = sock
        self._shaken = False
        while shake and not self._ready():
            pass

    def _ready(self):
        # True once the handshake is over; False where the socket does not wait for it.
        sock = self._sock
        if sock is None:
            raise OSError(9)
        if self._shaken:
            return True
        try:
            sock._do(_shake)
        except OSError as e:
            if e.errno == _AGAIN:
                return False
            if e.errno != 1:
                raise
            self._fail()
        self._shaken = True
        return True

    def _fail(self):
        id = self._sock.fileno()
        errno, text = _errno_of(id), _text_of(id)
        self._sock = None
        if errno == -9984:
            raise ValueError("\n%s\n" % text)
        raise OSError(errno, text) if text else OSError(errno)

    def read(self, n=-1):
        return self._sock.read(n) if self._ready() else None

    def readinto(self, buf, n=-1):
        return self._sock.readinto(buf, n) if self._ready() else None

    def readline(self, n=-1):
        return self._sock.readline(n) if self._ready() else None

    def write(self, data, n=-1):
        return self._sock.write(data, n) if self._ready() else None

    def recv(self, n):
        if not self._ready():
            raise OSError(_AGAIN)
        return self._sock.recv(n)

    recv_into = readinto

    def send(self, data):
        if not self._ready():
            raise OSError(_AGAIN)
        return self._sock.send(data)

    def sendall(self, data):
        if not self._ready():
            raise OSError(_AGAIN)
        self._sock.sendall(data)

    def setblocking(self, on):
        self._sock.setblocking(on)

    def cipher(self):
        id = self._sock.fileno()
        return (_cipher_of(id), _version_of(id))

    def getpeercert(self, binary_form=False):
        if not binary_form:
            raise NotImplementedError
        id = self._sock.fileno()
        data = bytearray(_peer_of(id, 0, -1))
        if not data:
            return None
        _peer_of(id, _address(data), len(data))
        return bytes(data)

    def ioctl(self, request, arg):
        if request == 4:
            self.close()
            return 0
        return self._sock.ioctl(request, arg) if self._sock else 32

    def close(self):
        sock, self._sock = self._sock, None
        if sock:
            sock.close()

    def __repr__(self):
        return "<SSLSocket>"
