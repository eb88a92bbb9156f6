"""umqtt.simple that connects again by itself."""

from umqtt import simple

class MQTTClient(simple.MQTTClient):
    DELAY: int
    DEBUG: bool

    def delay(self, i: int) -> None: ...
    def log(self, in_reconnect: bool, e: Exception) -> None: ...
    def reconnect(self) -> bool: ...
