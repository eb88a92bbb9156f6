"""Files and folders of the board. There is no os.path."""

from typing import Any, Iterator, NamedTuple, overload

from _typeshed import ReadableBuffer, WriteableBuffer

class _Uname(NamedTuple):
    sysname: str
    nodename: str
    release: str
    version: str
    machine: str

def uname() -> _Uname:
    """Which board and which MicroPython."""

def urandom(n: int, /) -> bytes:
    """Bytes from the hardware's chance."""

def chdir(path: str, /) -> None: ...
def getcwd() -> str: ...
def ilistdir(dir: str = ..., /) -> Iterator[tuple[Any, ...]]:
    """Name, kind (0x4000 a folder, 0x8000 a file), inode and, on most file systems, size of each."""

def listdir(dir: str = ..., /) -> list[str]:
    """The names in a folder."""

def mkdir(path: str, /) -> None: ...
def remove(path: str, /) -> None:
    """Removes a file."""

def unlink(path: str, /) -> None: ...
def rmdir(path: str, /) -> None:
    """Removes an empty folder."""

def rename(old_path: str, new_path: str, /) -> None: ...
def stat(path: str, /) -> tuple[int, int, int, int, int, int, int, int, int, int]:
    """[0] is the kind, [6] the size in bytes. OSError where it is not there."""

def statvfs(path: str, /) -> tuple[int, int, int, int, int, int, int, int, int, int]:
    """[0] bytes of a block, [2] blocks in all, [3] blocks that are free."""

def sync() -> None: ...
def dupterm(stream_object: Any, index: int = 0, /) -> Any:
    """A second place where the prompt is."""

@overload
def mount() -> list[tuple[Any, str]]: ...
@overload
def mount(fsobj: Any, mount_point: str, *, readonly: bool = False) -> None: ...
def umount(mount_point: Any, /) -> None: ...

class VfsFat:
    def __init__(self, block_dev: Any, /) -> None: ...
    @staticmethod
    def mkfs(block_dev: Any, /) -> None: ...

class VfsLfs2:
    def __init__(
        self, block_dev: Any, readsize: int = 32, progsize: int = 32, lookahead: int = 32, mtime: bool = True
    ) -> None: ...
    @staticmethod
    def mkfs(block_dev: Any, readsize: int = 32, progsize: int = 32, lookahead: int = 32) -> None: ...

class AbstractBlockDev:
    def readblocks(self, block_num: int, buf: WriteableBuffer, offset: int = ..., /) -> Any: ...
    def writeblocks(self, block_num: int, buf: ReadableBuffer, offset: int = ..., /) -> Any: ...
    def ioctl(self, op: int, arg: int, /) -> Any: ...
