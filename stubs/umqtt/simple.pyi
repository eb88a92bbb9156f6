"""A small MQTT client."""

from typing import Any, Callable

class MQTTException(Exception):
    """The broker said no; args[0] is its code."""

class MQTTClient:
    def __init__(
        self,
        client_id: str | bytes,
        server: str,
        port: int = 0,
        user: str | bytes | None = None,
        password: str | bytes | None = None,
        keepalive: int = 0,
        ssl: Any = None,
    ) -> None: ...
    def set_callback(self, f: Callable[[bytes, bytes], Any]) -> None:
        """f(topic, message) is called with bytes, from wait_msg and check_msg."""

    def set_last_will(
        self, topic: str | bytes, msg: str | bytes, retain: bool = False, qos: int = 0
    ) -> None:
        """What the broker says when the board is lost. Before connect."""

    def connect(self, clean_session: bool = True, timeout: float | None = None) -> bool:
        """True where the broker still had the session. MQTTException where it refuses."""

    def disconnect(self) -> None: ...
    def ping(self) -> None: ...
    def publish(
        self, topic: str | bytes, msg: str | bytes, retain: bool = False, qos: int = 0
    ) -> None: ...
    def subscribe(self, topic: str | bytes, qos: int = 0) -> None: ...
    def wait_msg(self) -> int | None:
        """Waits for one packet."""

    def check_msg(self) -> int | None:
        """Looks whether one is there, and goes on at once."""
