# The module `requests` of an ESP32: one request, one answer, over HTTP 1.0 so that no body comes in
# chunks. Below: socket, ssl. Above: mip.py, programs.
import socket as _socket


class Response:
    def __init__(self, stream, status_code, reason, headers):
        self.raw = stream
        self.status_code = status_code
        self.reason = reason
        self.headers = headers
        self.encoding = "utf-8"
        self._body = None

    def close(self):
        if self.raw:
            self.raw.close()
            self.raw = None

    @property
    def content(self):
        if self._body is None:
            try:
                self._body = self.raw.read()
            finally:
                self.close()
        return self._body

    @property
    def text(self):
        return str(self.content, self.encoding)

    def json(self):
        import json

        return json.loads(self.content)


def _parts(url):
    # secure?, host, port, path
    scheme, _, rest = url.partition("://")
    if scheme not in ("http", "https") or not rest:
        raise ValueError("Unsupported protocol: " + scheme)
    host, slash, path = rest.partition("/")
    host, _, port = host.partition(":")
    secure = scheme == "https"
    return secure, host, int(port or (443 if secure else 80)), slash + path or "/"


def _body_of(data, json, headers):
    if json is not None:
        import json as _json

        data = _json.dumps(json)
        headers.setdefault("Content-Type", "application/json")
    if isinstance(data, dict):
        data = "&".join(["%s=%s" % pair for pair in data.items()])
        headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
    return data.encode() if isinstance(data, str) else data


def _read_head(stream):
    line = stream.readline().split(None, 2)
    if len(line) < 2 or not line[0].startswith(b"HTTP/"):
        raise ValueError("no HTTP: %r" % (line,))
    reason = line[2].strip().decode() if len(line) > 2 else ""
    headers = {}
    while True:
        header = stream.readline().decode().strip()
        if not header:
            return int(line[1]), reason, headers
        name, _, value = header.partition(":")
        headers[name] = value.strip()


def _header(headers, wanted):
    for name in headers:
        if name.lower() == wanted:
            return headers[name]


def request(
    method,
    url,
    data=None,
    json=None,
    headers=None,
    stream=None,
    auth=None,
    timeout=None,
    parse_headers=True,
):
    headers = dict(headers or {})
    if auth:
        import binascii

        word = binascii.b2a_base64(("%s:%s" % auth).encode()).strip().decode()
        headers["Authorization"] = "Basic " + word
    body = _body_of(data, json, headers)
    for _ in range(5):
        secure, host, port, path = _parts(url)
        headers["Host"] = host if port in (80, 443) else "%s:%d" % (host, port)
        headers["Connection"] = "close"
        if body is not None:
            headers["Content-Length"] = len(body)
        s = _socket.socket()
        try:
            s.settimeout(timeout)
            s.connect(_socket.getaddrinfo(host, port)[0][-1])
            if secure:
                from ssl import PROTOCOL_TLS_CLIENT, SSLContext

                s = SSLContext(PROTOCOL_TLS_CLIENT).wrap_socket(s, server_hostname=host)
            lines = ["%s %s HTTP/1.0" % (method, path)]
            lines += ["%s: %s" % (name, headers[name]) for name in headers]
            s.write(("\r\n".join(lines) + "\r\n\r\n").encode())
            if body is not None:
                s.write(body)
            status, reason, said = _read_head(s)
        except BaseException:
            s.close()
            raise
        there = _header(said, "location")
        if status not in (301, 302, 303, 307, 308) or not there:
            return Response(s, status, reason, said if parse_headers else {})
        s.close()
        # A redirect within the site names a path alone.
        url = there if "://" in there else url[: len(url) - len(path)] + there
        if status == 303:
            method, body = "GET", None
    raise ValueError("Too many redirects")


def head(url, **kw):
    return request("HEAD", url, **kw)


def get(url, **kw):
    return request("GET", url, **kw)


def post(url, **kw):
    return request("POST", url, **kw)


def put(url, **kw):
    return request("PUT", url, **kw)


def patch(url, **kw):
    return request("PATCH", url, **kw)


def delete(url, **kw):
    return request("DELETE", url, **kw)
