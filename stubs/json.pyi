"""JSON, without indent and sort_keys."""

from typing import Any

def dumps(obj: Any, separators: tuple[str, str] | None = ...) -> str: ...
def dump(obj: Any, stream: Any, separators: tuple[str, str] | None = ...) -> None: ...
def loads(str: str | bytes | bytearray, /) -> Any:
    """ValueError where it is no JSON."""

def load(stream: Any, /) -> Any: ...
