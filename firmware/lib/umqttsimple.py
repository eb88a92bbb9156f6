# A small MQTT 3.1.1 client with the calls of umqtt.simple: QoS 0 and 1, one socket, no threads.
# It runs on MicroPython 1.13 and later. Section numbers are those of the OASIS MQTT 3.1.1 standard.
try:
    import usocket as socket
    import ustruct as struct
    import utime as time
except ImportError:
    import socket
    import struct
    import time

# Seconds that the rest of a packet, or an answer of the broker, may take.
ANSWER_TIMEOUT = 10
# Longer packets are read and dropped: an ESP32 has some 100 KB for everything.
MAX_PACKET = 8192


class MQTTException(Exception):
    """The broker said no: args[0] is its return code (3.2.2.3; 5 is "not authorized")."""


def _bytes(text):
    return text.encode() if isinstance(text, str) else bytes(text)


def _field(text):
    """A string field: two bytes of length, then the bytes (1.5.3)."""
    data = _bytes(text)
    return struct.pack("!H", len(data)) + data


class MQTTClient:
    def __init__(
        self,
        client_id,
        server,
        port=0,
        user=None,
        password=None,
        keepalive=0,
        ssl=False,
        ssl_params={},
    ):
        self.client_id = client_id
        self.server = server
        self.port = port or (8883 if ssl else 1883)
        self.user = user
        self.pswd = password
        self.keepalive = keepalive
        self.ssl = ssl
        self.ssl_params = ssl_params
        self.sock = None
        self._plain = None  # the socket under TLS, or the same one: timeouts are set on it
        self.cb = None
        self.pid = 0
        self.last_heard = 0  # time.ticks_ms() of the last packet from the broker
        self._will = None
        self._body = b""

    def set_callback(self, f):
        """f(topic, message) is called with bytes from wait_msg and check_msg."""
        self.cb = f

    def set_last_will(self, topic, msg, retain=False, qos=0):
        """What the broker says for us when we are gone. Call it before connect."""
        self._will = (topic, msg, retain, qos)

    def connect(self, clean_session=True):
        """Connect and say who we are. True when the broker still had our session.

        Raises MQTTException when the broker refuses, OSError when it cannot be reached.
        """
        self._close()
        address = socket.getaddrinfo(self.server, self.port)[0][-1]
        self.sock = self._plain = socket.socket()
        try:
            self._plain.settimeout(ANSWER_TIMEOUT)
            self._plain.connect(address)
            if self.ssl:
                try:
                    import ussl as tls
                except ImportError:
                    import ssl as tls
                self.sock = tls.wrap_socket(self._plain, **self.ssl_params)
            self._send(0x10, self._hello(clean_session))
            if self._read_packet(self._read(1)) != 0x20 or len(self._body or b"") != 2:
                raise MQTTException(-1)
            if self._body[1]:
                raise MQTTException(self._body[1])
            return bool(self._body[0] & 1)
        except Exception:
            self._close()  # or every failed try would cost a socket, and there are only ten
            raise

    def disconnect(self):
        if self.sock:
            try:
                self._send(0xE0, b"")
            finally:
                self._close()

    def ping(self):
        """Ask for a sign of life; the answer moves last_heard."""
        self._send(0xC0, b"")

    def publish(self, topic, msg, retain=False, qos=0):
        """Say msg on topic. With qos 1, wait until the broker has it."""
        body = _field(topic)
        if qos:
            pid = self._next_pid()
            body += struct.pack("!H", pid)
        self._send(0x30 | qos << 1 | retain, body + _bytes(msg))
        if qos:
            self._await(0x40, pid)

    def subscribe(self, topic, qos=0):
        """Hear what is said on topic, and wait until the broker agrees."""
        pid = self._next_pid()
        self._send(0x82, struct.pack("!H", pid) + _field(topic) + bytes([qos]))
        self._await(0x90, pid)
        if self._body[2:] == b"\x80":
            raise MQTTException(0x80)

    def wait_msg(self):
        """Wait for one packet, however long. A message goes to the callback.

        Returns None for a message or an answer to ping, else the first byte of the packet.
        """
        self._check()
        self._plain.setblocking(True)
        return self._handle(self._read(1))

    def check_msg(self):
        """Like wait_msg, but returns None at once when nothing is there."""
        self._check()
        self._plain.setblocking(False)
        try:
            first = self.sock.read(1)
        finally:
            self._plain.settimeout(ANSWER_TIMEOUT)
        if first is None:
            return None
        if first == b"":
            raise OSError(-1)  # the broker closed the connection
        return self._handle(first)

    def _hello(self, clean_session):
        """The body of CONNECT (3.1)."""
        flags = 0x02 if clean_session else 0
        payload = _field(self.client_id)
        if self._will:
            topic, msg, retain, qos = self._will
            flags |= 0x04 | qos << 3 | retain << 5
            payload += _field(topic) + _field(msg)
        if self.user is not None:
            flags |= 0x80
            payload += _field(self.user)
            if self.pswd is not None:
                flags |= 0x40
                payload += _field(self.pswd)
        return _field("MQTT") + struct.pack("!BBH", 4, flags, self.keepalive) + payload

    def _handle(self, first):
        op = self._read_packet(first)
        if op == 0xD0:
            return None
        if op & 0xF0 != 0x30:
            return op
        # PUBLISH (3.3): topic, a packet id when qos is not 0, and the rest is the message.
        body = self._body
        if body is None:
            return None
        if len(body) < 2:
            raise OSError(-1)
        end = 2 + struct.unpack("!H", body[:2])[0]
        topic = body[2:end]
        if op & 6:
            self._send(0x40, body[end : end + 2])
            end += 2
        if self.cb:
            self.cb(topic, body[end:])
        return None

    def _await(self, op, pid):
        """Handle packets until the answer to pid comes."""
        while True:
            self._plain.settimeout(ANSWER_TIMEOUT)
            answer = self._handle(self._read(1))
            if answer == op and (self._body or b"")[:2] == struct.pack("!H", pid):
                return

    def _next_pid(self):
        self.pid = self.pid % 65535 + 1
        return self.pid

    def _read_packet(self, first):
        """Read what belongs to the packet that begins with first; returns its first byte."""
        self._plain.settimeout(ANSWER_TIMEOUT)
        size = shift = 0
        while True:  # remaining length: 7 bits a byte, the lowest first (2.2.3)
            byte = self._read(1)[0]
            size |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                break
            if shift > 21:
                raise OSError(-1)
        if size > MAX_PACKET:
            while size:
                size -= len(self._read(min(size, 512)))
            self._body = None
        else:
            self._body = self._read(size)
        self.last_heard = time.ticks_ms()
        return first[0]

    def _read(self, count):
        """Exactly count bytes: a read may bring fewer than it was asked for."""
        data = b""
        while len(data) < count:
            part = self.sock.read(count - len(data))
            if not part:
                raise OSError(-1)
            data += part
        return data

    def _send(self, op, body):
        """One packet in one write, so that it cannot be cut by an error half-way."""
        size = len(body)
        head = bytearray([op])
        while True:
            head.append(size & 0x7F | (0x80 if size > 0x7F else 0))
            size >>= 7
            if not size:
                break
        self._check()
        self.sock.write(bytes(head) + body)

    def _check(self):
        if not self.sock:
            raise OSError(-1)  # not connected

    def _close(self):
        if self.sock:
            self.sock.close()
            self.sock = self._plain = None
