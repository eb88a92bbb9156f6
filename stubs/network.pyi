"""Wi-Fi and other networks (ESP32)."""

from typing import Any, Sequence, overload

STA_IF: int
AP_IF: int
STAT_IDLE: int
STAT_CONNECTING: int
STAT_GOT_IP: int
STAT_NO_AP_FOUND: int
STAT_WRONG_PASSWORD: int
STAT_BEACON_TIMEOUT: int
STAT_ASSOC_FAIL: int
STAT_CONNECT_FAIL: int
STAT_HANDSHAKE_TIMEOUT: int
AUTH_OPEN: int
AUTH_WEP: int
AUTH_WPA_PSK: int
AUTH_WPA2_PSK: int
AUTH_WPA_WPA2_PSK: int
AUTH_WPA3_PSK: int
AUTH_WPA2_WPA3_PSK: int
MODE_11B: int
MODE_11G: int
MODE_11N: int
PHY_LAN8720: int

@overload
def hostname() -> str:
    """The name the board gives itself on the network."""

@overload
def hostname(name: str, /) -> None:
    """Sets it; before the Wi-Fi is made active."""

@overload
def country() -> str: ...
@overload
def country(code: str, /) -> None:
    """Two letters; decides the channels that may be used."""

def phy_mode(mode: int = ..., /) -> int: ...
def ipconfig(param: str = ..., /, **settings: Any) -> Any:
    """Settings of the whole network: dns, prefer (since 1.24)."""

class WLAN:
    """Wi-Fi: WLAN(WLAN.IF_STA) joins a network, WLAN(WLAN.IF_AP) is one. 2.4 GHz only on an ESP32."""

    IF_STA: int
    IF_AP: int
    SEC_OPEN: int
    SEC_WEP: int
    SEC_WPA: int
    SEC_WPA2: int
    SEC_WPA3: int
    SEC_WPA2_WPA3: int
    PM_NONE: int
    PM_PERFORMANCE: int
    PM_POWERSAVE: int

    def __init__(self, interface_id: int = ..., /) -> None: ...
    @overload
    def active(self) -> bool: ...
    @overload
    def active(self, is_active: bool | int, /) -> bool:
        """Turns the radio on or off."""

    def connect(
        self, ssid: str | bytes | None = None, key: str | bytes | None = None, *, bssid: bytes | None = None
    ) -> None:
        """Begins to join; isconnected() becomes true some seconds later, or never."""

    def disconnect(self) -> None: ...
    def isconnected(self) -> bool:
        """True once there is an address."""

    @overload
    def status(self) -> int:
        """How far it is: STAT_CONNECTING, STAT_GOT_IP, STAT_WRONG_PASSWORD, STAT_NO_AP_FOUND, …"""

    @overload
    def status(self, param: str, /) -> Any:
        """'rssi': how strong the signal is, dBm. 'stations' of an access point."""

    def scan(self) -> list[tuple[bytes, bytes, int, int, int, bool]]:
        """Networks in reach: ssid, bssid, channel, rssi, security, hidden."""

    @overload
    def ifconfig(self) -> tuple[str, str, str, str]:
        """Address, netmask, gateway, DNS."""

    @overload
    def ifconfig(self, config: Sequence[str] | str, /) -> None:
        """Sets those four, or 'dhcp'."""

    def ipconfig(self, param: str = ..., /, **settings: Any) -> Any:
        """'addr4', 'gw4', 'dhcp4' and others (since 1.24)."""

    def config(self, param: str = ..., /, **settings: Any) -> Any:
        """'mac', 'ssid', 'channel', 'pm', 'txpower', 'reconnects': ask for one, or set several by name."""

class LAN:
    """Ethernet."""

    def __init__(self, id: int = ..., **settings: Any) -> None: ...
    def active(self, is_active: bool | int = ..., /) -> bool: ...
    def isconnected(self) -> bool: ...
    def status(self) -> int: ...
    @overload
    def ifconfig(self) -> tuple[str, str, str, str]: ...
    @overload
    def ifconfig(self, config: Sequence[str] | str, /) -> None: ...
    def ipconfig(self, param: str = ..., /, **settings: Any) -> Any: ...
    def config(self, param: str = ..., /, **settings: Any) -> Any: ...
