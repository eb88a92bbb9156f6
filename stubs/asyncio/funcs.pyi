"""Waiting for other tasks."""

from typing import Any, Awaitable, TypeVar

_T = TypeVar("_T")

async def wait_for(awaitable: Awaitable[_T], timeout: float | None) -> _T:
    """Its result, or TimeoutError after so many seconds."""

async def wait_for_ms(awaitable: Awaitable[_T], timeout: int | None) -> _T:
    """Its result, or TimeoutError after so many milliseconds."""

async def gather(*awaitables: Awaitable[Any], return_exceptions: bool = False) -> list[Any]:
    """All their results."""
