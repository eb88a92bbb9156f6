"""TLS over a socket. On boards nothing is verified unless it is asked for."""

from typing import Any, Callable

from _typeshed import ReadableBuffer
from socket import socket

CERT_NONE: int
CERT_OPTIONAL: int
CERT_REQUIRED: int
PROTOCOL_TLS_CLIENT: int
PROTOCOL_TLS_SERVER: int
MBEDTLS_VERSION: str

class SSLSocket(socket): ...

class SSLContext:
    verify_mode: int
    verify_callback: Callable[..., Any] | None

    def __init__(self, protocol: int, /) -> None: ...
    def load_cert_chain(self, certfile: str | ReadableBuffer, keyfile: str | ReadableBuffer) -> None: ...
    def load_verify_locations(self, cafile: str | None = None, cadata: ReadableBuffer | None = None) -> None: ...
    def get_ciphers(self) -> list[str]: ...
    def set_ciphers(self, ciphers: list[str], /) -> None: ...
    def wrap_socket(
        self,
        sock: Any,
        *,
        server_side: bool = False,
        do_handshake_on_connect: bool = True,
        server_hostname: str | None = None,
        client_id: Any = None,
    ) -> SSLSocket: ...

def wrap_socket(
    sock: Any,
    server_side: bool = False,
    key: ReadableBuffer | None = None,
    cert: ReadableBuffer | None = None,
    cert_reqs: int = ...,
    cadata: ReadableBuffer | None = None,
    server_hostname: str | None = None,
    do_handshake: bool = True,
) -> SSLSocket:
    """The connection in TLS."""
