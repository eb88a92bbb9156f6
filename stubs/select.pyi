"""Waiting for several streams at once."""

from typing import Any, Iterator, Sequence

POLLIN: int
POLLOUT: int
POLLERR: int
POLLHUP: int

class poll:
    def __init__(self) -> None: ...
    def register(self, obj: Any, eventmask: int = ..., /) -> None: ...
    def unregister(self, obj: Any, /) -> None: ...
    def modify(self, obj: Any, eventmask: int, /) -> None: ...
    def poll(self, timeout: int = -1, /) -> list[tuple[Any, int]]:
        """The streams that are ready, with what they are ready for. timeout in milliseconds."""

    def ipoll(self, timeout: int = -1, flags: int = 0, /) -> Iterator[tuple[Any, int]]:
        """As poll, without a list: the tuple is one and the same each time."""

def select(
    rlist: Sequence[Any], wlist: Sequence[Any], xlist: Sequence[Any], timeout: float = ..., /
) -> tuple[list[Any], list[Any], list[Any]]: ...
