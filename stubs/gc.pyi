"""Memory: collecting what nobody needs any more."""

from typing import overload

def enable() -> None: ...
def disable() -> None: ...
def isenabled() -> bool: ...
def collect() -> int:
    """Frees what nobody refers to any more."""

def mem_alloc() -> int:
    """Bytes of the heap that are in use."""

def mem_free() -> int:
    """Bytes of the heap that are free."""

@overload
def threshold() -> int: ...
@overload
def threshold(amount: int, /) -> None:
    """Collect already when so many bytes were allocated since; -1 only when there is no room."""
