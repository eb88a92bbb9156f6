# The module `select` of a virtual ESP32: sockets, the line, and anything that answers ioctl.
import _host as _h

POLLIN = 1
POLLOUT = 4
POLLERR = 8
POLLHUP = 16

_now = _h.now
_wait = _h.wait


def _events(thing, wanted):
    return thing.ioctl(3, wanted) & (wanted | POLLERR | POLLHUP)


class poll:
    def __init__(self):
        self._things = {}

    def register(self, thing, events=POLLIN | POLLOUT):
        thing.ioctl
        self._things[id(thing)] = [thing, events]

    def unregister(self, thing):
        self._things.pop(id(thing), None)

    def modify(self, thing, events):
        if id(thing) not in self._things:
            raise OSError(2)
        self._things[id(thing)][1] = events

    def poll(self, timeout=-1):
        end = _now() + timeout
        while True:
            ready = []
            for thing, wanted in self._things.values():
                events = _events(thing, wanted)
                if events:
                    ready.append((thing, events))
            if ready or timeout == 0:
                return ready
            left = -1
            if timeout > 0:
                left = end - _now()
                if left <= 0:
                    return ready
            _wait(left)

    def ipoll(self, timeout=-1, flags=0):
        for pair in self.poll(timeout):
            if flags & 1:
                self._things[id(pair[0])][1] = 0
            yield pair


def select(readers, writers, others, timeout=-1):
    p = poll()
    for thing in readers:
        p.register(thing, POLLIN)
    for thing in writers:
        events = POLLOUT | (POLLIN if thing in readers else 0)
        p.register(thing, events)
    found = p.poll(-1 if timeout is None or timeout < 0 else int(timeout * 1000))
    return (
        [t for t, e in found if t in readers and e & (POLLIN | POLLHUP | POLLERR)],
        [t for t, e in found if t in writers and e & (POLLOUT | POLLERR)],
        [],
    )
