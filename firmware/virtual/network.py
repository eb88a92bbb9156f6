# The module `network` of a virtual ESP32: Wi-Fi as the air around it has it (src/virtual/vmWifi.ts).
import _host as _h
from machine import unique_id as _unique_id

STA_IF = 0
AP_IF = 1
STAT_IDLE = 1000
STAT_CONNECTING = 1001
STAT_GOT_IP = 1010
STAT_NO_AP_FOUND = 201
STAT_WRONG_PASSWORD = 202
STAT_BEACON_TIMEOUT = 200
STAT_ASSOC_FAIL = 203
STAT_HANDSHAKE_TIMEOUT = 204
AUTH_OPEN = 0
AUTH_WEP = 1
AUTH_WPA_PSK = 2
AUTH_WPA2_PSK = 3
AUTH_WPA_WPA2_PSK = 4
AUTH_WPA3_PSK = 6
AUTH_WPA2_WPA3_PSK = 7
MODE_11B = 1
MODE_11G = 2
MODE_11N = 4

_on = _h.wifi_active
_connect = _h.wifi_connect
_disconnect = _h.wifi_disconnect
_status = _h.wifi_status
_ssid = _h.wifi_ssid
_count = _h.wifi_count
_name = _h.wifi_name
_secured = _h.wifi_secured
_glance = _h.glance
_hostname = ["mpy-esp32"]


def hostname(name=None):
    if name is None:
        return _hostname[0]
    _hostname[0] = name


def country(code=None):
    return "XX"


def ipconfig(what=None, **kw):
    if what == "dns":
        return "127.0.0.1"
    if what is not None:
        raise ValueError("unknown config param")


def phy_mode(mode=None):
    return MODE_11B | MODE_11G | MODE_11N


class WLAN:
    IF_STA = STA_IF
    IF_AP = AP_IF
    PM_NONE = 0
    PM_PERFORMANCE = 1
    PM_POWERSAVE = 2
    SEC_OPEN = 0
    SEC_WEP = 1
    SEC_WPA = 2
    SEC_WPA2 = 3
    SEC_WPA_WPA2 = 4
    SEC_WPA3 = 6
    SEC_WPA2_WPA3 = 7
    _both = {}

    def __new__(cls, interface=STA_IF):
        one = cls._both.get(interface)
        if one is None:
            one = object.__new__(cls)
            one._if = interface
            one._ap = False
            one._config = {"essid": "ESP_" + "".join("%02X" % b for b in _unique_id()[3:])}
            cls._both[interface] = one
        return one

    def __init__(self, interface=STA_IF):
        if interface not in (STA_IF, AP_IF):
            raise ValueError("invalid WLAN interface identifier")

    def active(self, on=None):
        if self._if == AP_IF:
            if on is not None:
                self._ap = bool(on)
            return self._ap
        return bool(_on(-1 if on is None else 1 if on else 0))

    def connect(self, ssid=None, key="", *, bssid=None):
        if self._if == AP_IF:
            raise OSError("STA required")
        if isinstance(ssid, bytes):
            ssid = ssid.decode()
        if isinstance(key, bytes):
            key = key.decode()
        if ssid is None:
            ssid = _ssid()
        if _connect(ssid, key or "") < 0:
            raise OSError("Wifi Not Started")

    def disconnect(self):
        _disconnect()

    def isconnected(self):
        if self._if == AP_IF:
            return False
        if _status() == STAT_GOT_IP:
            return True
        # A loop that waits for it leaves the core to others.
        _glance()
        return False

    def status(self, what=None):
        if what == "rssi":
            return -48
        if what is not None:
            raise ValueError("unknown status param")
        return STAT_IDLE if self._if == AP_IF else _status()

    def scan(self):
        if not self.active():
            raise OSError("Wifi Not Started")
        found = []
        for i in range(_count()):
            mac = b"\x02\x00\x00\x00\x00" + bytes((i,))
            found.append(
                (_name(i).encode(), mac, 6, -48 - i, AUTH_WPA2_PSK if _secured(i) else 0, False)
            )
        return found

    def ifconfig(self, addresses=None):
        if addresses is not None:
            return
        if self._if == AP_IF:
            return ("192.168.4.1", "255.255.255.0", "192.168.4.1", "0.0.0.0")
        if _status() != STAT_GOT_IP:
            return ("0.0.0.0", "0.0.0.0", "0.0.0.0", "0.0.0.0")
        return ("127.0.0.1", "255.0.0.0", "127.0.0.1", "127.0.0.1")

    def ipconfig(self, what=None, **kw):
        if what == "addr4":
            return self.ifconfig()[:2]
        if what == "gw4":
            return self.ifconfig()[2]

    def config(self, *names, **values):
        if values:
            for name, value in values.items():
                # The older name and the newer are one.
                self._config["essid" if name == "ssid" else name] = value
            return
        (name,) = names
        if name == "mac":
            return _unique_id()
        if name in ("essid", "ssid"):
            return self._config["essid"] if self._if == AP_IF else _ssid()
        if name in ("dhcp_hostname", "hostname"):
            return self._config.get(name, _hostname[0])
        if name == "channel":
            return self._config.get(name, 6)
        if name in self._config:
            return self._config[name]
        if name in ("txpower", "authmode", "hidden", "pm", "reconnects", "max_clients"):
            return 0
        raise ValueError("unknown config param")
