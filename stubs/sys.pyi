"""The interpreter: its version, its modules, its standard streams."""

from types import ModuleType
from typing import Any, BinaryIO, Callable, Literal, NoReturn, TextIO

class _Stream(TextIO):
    @property
    def buffer(self) -> BinaryIO:
        """The same stream in bytes."""

class _Implementation(tuple[str, tuple[int, int, int, str], str, int]):
    name: str
    version: tuple[int, int, int, str]
    _machine: str
    _mpy: int
    _build: str

argv: list[str]
byteorder: Literal["little", "big"]
implementation: _Implementation
"""name 'micropython', its version, and what files of mpy-cross it takes."""
maxsize: int
modules: dict[str, ModuleType]
path: list[str]
"""Where import looks: the board's root, then /lib."""
platform: str
"""'esp32'"""
ps1: str
ps2: str
stdin: _Stream
stdout: _Stream
stderr: _Stream
version: str
version_info: tuple[int, int, int]
tracebacklimit: int

def exit(retval: object = ..., /) -> NoReturn:
    """Ends the program; on a board that is a soft reset."""

def print_exception(exc: BaseException, file: Any = ..., /) -> None:
    """Prints an error with its traceback."""

def atexit(func: Callable[[], Any] | None, /) -> Any: ...
def settrace(tracefunc: Any, /) -> None: ...
