"""What the interpreter itself offers."""

from typing import Any, Callable, TypeVar, overload

_T = TypeVar("_T")
_F = TypeVar("_F", bound=Callable[..., Any])

def const(value: _T, /) -> _T:
    """The compiler puts the number itself wherever the name stands; with a _ before it the name is gone."""

def native(func: _F, /) -> _F:
    """Compiles to the processor's own code: about twice as fast."""

def viper(func: _F, /) -> _F:
    """As native, with plain integers: faster still, and not all of Python."""

def asm_thumb(func: _F, /) -> _F: ...
def asm_xtensa(func: _F, /) -> _F: ...
@overload
def opt_level() -> int: ...
@overload
def opt_level(level: int, /) -> None:
    """3 leaves line numbers out of what is compiled from here on."""

def alloc_emergency_exception_buf(size: int, /) -> None:
    """Room for the traceback of an error in an interrupt; 100 is enough."""

def mem_info(verbose: Any = ..., /) -> None:
    """Prints how stack and heap are used."""

def qstr_info(verbose: Any = ..., /) -> None: ...
def stack_use() -> int: ...
def heap_lock() -> int:
    """From here on nothing may be allocated."""

def heap_unlock() -> int: ...
def heap_locked() -> int: ...
def kbd_intr(chr: int, /) -> None:
    """Which byte stops a program: 3 is Ctrl-C, -1 none. For reading raw bytes from the serial line."""

def schedule(func: Callable[[Any], Any], arg: Any, /) -> None:
    """Calls func(arg) soon, outside of the interrupt. RuntimeError where too many wait already."""

class RingIO:
    """A buffer that one side fills and the other empties."""

    def __init__(self, size: int | bytearray, /) -> None: ...
    def any(self) -> int: ...
    def read(self, nbytes: int = ..., /) -> bytes: ...
    def readline(self, nbytes: int = ..., /) -> bytes: ...
    def readinto(self, buf: bytearray, nbytes: int = ..., /) -> int: ...
    def write(self, buf: bytes | bytearray, /) -> int: ...
    def close(self) -> None: ...
