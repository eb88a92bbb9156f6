"""Things of Espressif's chips."""

from _typeshed import ReadableBuffer, WriteableBuffer

LOG_NONE: int
LOG_ERROR: int
LOG_WARNING: int
LOG_INFO: int
LOG_DEBUG: int
LOG_VERBOSE: int

def osdebug(uart: int | None, level: int = ..., /) -> None:
    """Messages of the system on the serial line; None turns them off."""

def flash_size() -> int:
    """Bytes of the flash."""

def flash_user_start() -> int:
    """Where the file system begins."""

def flash_read(byte_offset: int, length_or_buffer: int | WriteableBuffer, /) -> bytes | None: ...
def flash_write(byte_offset: int, bytes: ReadableBuffer, /) -> None: ...
def flash_erase(sector_no: int, /) -> None: ...
