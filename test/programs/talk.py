# Sockets, select and errors: a server and a client on one board, without asyncio.
import errno
import network
import select
import socket
import time

wlan = network.WLAN(network.STA_IF)
wlan.active(True)
wlan.connect("Parley")
while not wlan.isconnected():
    time.sleep_ms(10)

address = socket.getaddrinfo("127.0.0.1", 8766, 0, socket.SOCK_STREAM)[0][-1]
print(address)
server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(address)
server.listen(1)
server.settimeout(2)

client = socket.socket()
client.connect(address)
peer, where = server.accept()
print(where[0], peer is not client)

print(client.send(b"hello"), peer.recv(3), peer.recv(10))
peer.sendall(b"line one\nline two\n")
lines = client.makefile("rb")
print(lines.readline(), lines.readline())

poller = select.poll()
poller.register(peer, select.POLLIN)
print(poller.poll(20))
client.send(b"!")
ready = poller.poll(1000)
print(len(ready), ready[0][0] is peer, bool(ready[0][1] & select.POLLIN))
print(select.select([peer], [], [], 1)[0] == [peer], peer.recv(1))
poller.unregister(peer)

peer.setblocking(False)
try:
    peer.recv(1)
except OSError as e:
    print("nothing", e.errno == errno.EAGAIN)
peer.settimeout(0.05)
try:
    peer.recv(1)
except OSError as e:
    print("late", e.errno == errno.ETIMEDOUT, errno.ETIMEDOUT)
peer.setblocking(True)

client.close()
print(peer.recv(1))
peer.close()
server.close()

try:
    socket.socket().connect(("127.0.0.1", 1))
except OSError as e:
    print("refused", e.errno in (errno.ECONNREFUSED, errno.ECONNRESET), errno.errorcode[errno.ECONNRESET])

one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
one.bind(socket.getaddrinfo("127.0.0.1", 8767)[0][-1])
two = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
print(two.sendto(b"datagram", socket.getaddrinfo("127.0.0.1", 8767)[0][-1]))
one.settimeout(2)
data, sender = one.recvfrom(100)
print(data, sender[0])
one.settimeout(0.05)
try:
    one.recv(10)
except OSError as e:
    print("empty", e.errno == errno.ETIMEDOUT)
one.close()
two.close()

start = time.ticks_ms()
print(select.select([], [], [], 0.03) == ([], [], []), time.ticks_diff(time.ticks_ms(), start) >= 25)
