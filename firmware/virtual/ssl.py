# The module `ssl` of an ESP32: what CPython calls things, over the module tls. On boards nothing is
# verified unless the program asks for it.
import tls as _tls
from tls import (
    CERT_NONE,
    CERT_OPTIONAL,
    CERT_REQUIRED,
    MBEDTLS_VERSION,
    PROTOCOL_TLS_CLIENT,
    PROTOCOL_TLS_SERVER,
)


def _contents(file):
    # The name of a file, or what it would hold.
    if not isinstance(file, str):
        return file
    with open(file, "rb") as f:
        return f.read()


class SSLContext:
    def __init__(self, *args):
        self._inner = _tls.SSLContext(*args)
        self._inner.verify_mode = CERT_NONE

    @property
    def verify_mode(self):
        return self._inner.verify_mode

    @verify_mode.setter
    def verify_mode(self, mode):
        self._inner.verify_mode = mode

    def load_cert_chain(self, certfile, keyfile):
        self._inner.load_cert_chain(_contents(certfile), _contents(keyfile))

    def load_verify_locations(self, cafile=None, cadata=None):
        self._inner.load_verify_locations(_contents(cafile) if cafile else cadata)

    def wrap_socket(
        self, sock, server_side=False, do_handshake_on_connect=True, server_hostname=None
    ):
        return self._inner.wrap_socket(
            sock,
            server_side=server_side,
            do_handshake_on_connect=do_handshake_on_connect,
            server_hostname=server_hostname,
        )


def wrap_socket(
    sock,
    server_side=False,
    key=None,
    cert=None,
    cert_reqs=CERT_NONE,
    cadata=None,
    server_hostname=None,
    do_handshake=True,
):
    context = SSLContext(PROTOCOL_TLS_SERVER if server_side else PROTOCOL_TLS_CLIENT)
    if key or cert:
        context.load_cert_chain(cert, key)
    if cadata:
        context.load_verify_locations(cadata=cadata)
    context.verify_mode = cert_reqs
    return context.wrap_socket(sock, server_side, do_handshake, server_hostname)
