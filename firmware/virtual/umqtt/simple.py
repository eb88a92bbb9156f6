# A small MQTT 3.1.1 client with the interface of micropython-lib's umqtt.simple. QoS 0 and 1.
# It reads whole packets and then decides. Below: socket. Above: a program, or umqtt/robust.py.
# Section numbers are those of the OASIS standard.
import socket
import struct

_CONNECT, _CONNACK, _PUBLISH, _PUBACK = 0x10, 0x20, 0x30, 0x40
_SUBSCRIBE, _SUBACK, _PING, _PONG, _GOODBYE = 0x82, 0x90, 0xC0, 0xD0, 0xE0


class MQTTException(Exception):
    pass


def _octets(value):
    return value.encode() if isinstance(value, str) else value


def _field(value):
    # 1.5.3: two bytes of length, then the bytes
    value = _octets(value)
    return struct.pack("!H", len(value)) + value


class MQTTClient:
    def __init__(
        self, client_id, server, port=0, user=None, password=None, keepalive=0, ssl=None, ssl_params={}
    ):
        self.client_id, self.server = client_id, server
        self.user, self.pswd = user, password
        self.port = port or (8883 if ssl else 1883)
        self.keepalive, self.ssl, self.ssl_params = keepalive, ssl, ssl_params
        self.sock = self.cb = None
        self.pid = 0
        self.lw_topic = self.lw_msg = None
        self.lw_qos, self.lw_retain = 0, False

    def set_callback(self, f):
        self.cb = f

    def set_last_will(self, topic, msg, retain=False, qos=0):
        if qos not in (0, 1, 2) or not topic:
            raise ValueError("bad last will")
        self.lw_topic, self.lw_msg, self.lw_qos, self.lw_retain = topic, msg, qos, retain

    def connect(self, clean_session=True, timeout=None):
        if self.sock:
            self.sock.close()
        self.sock = socket.socket()
        self.sock.settimeout(timeout)
        self.sock.connect(socket.getaddrinfo(self.server, self.port)[0][-1])
        if hasattr(self.ssl, "wrap_socket"):
            # an SSLContext, or the module
            self.sock = self.ssl.wrap_socket(self.sock, server_hostname=self.server)
        elif self.ssl:
            import ssl

            self.sock = ssl.wrap_socket(self.sock, **self.ssl_params)
        self._say(_CONNECT, self._introduction(clean_session))
        kind, body = self._packet(self._exactly(1))
        if kind != _CONNACK or len(body) != 2:
            raise MQTTException("no CONNACK")
        if body[1]:
            raise MQTTException(body[1])
        return body[0] & 1

    def disconnect(self):
        self._say(_GOODBYE)
        self.sock.close()

    def ping(self):
        self._say(_PING)

    def publish(self, topic, msg, retain=False, qos=0):
        if qos > 1:
            raise ValueError("QoS 2 is not supported")
        pid = self._number() if qos else b""
        self._say(_PUBLISH | qos << 1 | bool(retain), _field(topic), pid, _octets(msg))
        if qos:
            self._reply(_PUBACK, pid)

    def subscribe(self, topic, qos=0):
        if self.cb is None:
            raise MQTTException("Subscribe callback is not set")
        pid = self._number()
        self._say(_SUBSCRIBE, pid, _field(topic), bytes((qos,)))
        granted = self._reply(_SUBACK, pid)
        if granted[2] & 0x80:
            raise MQTTException(granted[2])

    def wait_msg(self):
        self.sock.setblocking(True)
        return self._handle(*self._packet(self._exactly(1)))

    def check_msg(self):
        self.sock.setblocking(False)
        try:
            first = self.sock.read(1)
        finally:
            self.sock.setblocking(True)
        if first is None:
            return None
        return self._handle(*self._packet(first))

    def _introduction(self, clean_session):
        # 3.1: what is said of us, and the flags that tell which of it
        said = [(0x02 if clean_session else 0, None), (0, self.client_id)]
        if self.lw_topic:
            said.append((0x04 | self.lw_qos << 3 | bool(self.lw_retain) << 5, self.lw_topic))
            said.append((0, self.lw_msg))
        if self.user is not None:
            said.append((0x80, self.user))
            if self.pswd is not None:
                said.append((0x40, self.pswd))
        flags = sum(flag for flag, _ in said)
        payload = b"".join([_field(text) for _, text in said if text is not None])
        return _field("MQTT") + struct.pack("!BBH", 4, flags, self.keepalive) + payload

    def _handle(self, kind, body):
        # What the program sees of a packet: None for the answer to a ping, else its first byte.
        if kind & 0xF0 == _PUBLISH:
            qos = kind >> 1 & 3
            end = 2 + struct.unpack("!H", body)[0]
            start = end + 2 if qos else end
            if self.cb:
                self.cb(body[2:end], body[start:])
            if qos == 1:
                self._say(_PUBACK, body[end:start])
        return None if kind == _PONG else kind

    def _reply(self, kind, pid):
        # The answer to packet `pid`; what comes before it is handled.
        while True:
            got, body = self._packet(self._exactly(1))
            if got == kind and body[:2] == pid:
                return body
            self._handle(got, body)

    def _number(self):
        self.pid = self.pid % 0xFFFF + 1
        return struct.pack("!H", self.pid)

    def _say(self, kind, *parts):
        # One packet in one write. 2.2.3: the length, seven bits a byte, the lowest first
        body = b"".join(parts)
        left = len(body)
        head = bytearray((kind, left & 0x7F))
        while left > 0x7F:
            head[-1] |= 0x80
            left >>= 7
            head.append(left & 0x7F)
        self.sock.write(head + body)

    def _packet(self, first):
        # The rest of the packet that begins with `first`: its kind and its body
        if not first:
            raise OSError(-1)  # the broker closed the connection
        size = 0
        for shift in (0, 7, 14, 21):
            part = self._exactly(1)[0]
            size |= (part & 0x7F) << shift
            if part < 0x80:
                return first[0], self._exactly(size)
        raise OSError(-1)

    def _exactly(self, n):
        data = self.sock.read(n) if n else b""
        if data is None or len(data) != n:
            raise OSError(-1)
        return data
