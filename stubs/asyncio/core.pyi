"""The loop and its tasks."""

from typing import Any, Callable, Coroutine, Generator, Generic, TypeVar

_T = TypeVar("_T")

class CancelledError(BaseException):
    """What a task gets where it was cancelled."""

class TimeoutError(Exception):
    """wait_for took too long."""

class Task(Generic[_T]):
    """A coroutine that runs by itself; awaiting it gives its result."""

    def cancel(self) -> bool:
        """Ends it with CancelledError at its next await."""

    def done(self) -> bool: ...
    def __await__(self) -> Generator[Any, Any, _T]: ...

class Loop:
    @staticmethod
    def create_task(coro: Coroutine[Any, Any, _T], /) -> Task[_T]: ...
    @staticmethod
    def run_forever() -> None: ...
    @staticmethod
    def run_until_complete(awaitable: Any, /) -> Any: ...
    @staticmethod
    def stop() -> None: ...
    @staticmethod
    def close() -> None: ...
    @staticmethod
    def set_exception_handler(handler: Callable[[Loop, dict[str, Any]], Any] | None, /) -> None: ...
    @staticmethod
    def get_exception_handler() -> Callable[[Loop, dict[str, Any]], Any] | None: ...
    @staticmethod
    def default_exception_handler(loop: Loop, context: dict[str, Any], /) -> None: ...
    @staticmethod
    def call_exception_handler(context: dict[str, Any], /) -> None: ...

def run(coro: Coroutine[Any, Any, _T], /) -> _T:
    """Runs a coroutine, and every task with it, until it returns."""

def create_task(coro: Coroutine[Any, Any, _T], /) -> Task[_T]:
    """Starts a coroutine beside the others. Keep what it returns."""

def current_task() -> Task[Any]: ...
def get_event_loop() -> Loop: ...
def new_event_loop() -> Loop:
    """Forgets all tasks: for a program that calls run a second time."""

async def sleep(seconds: float, /) -> None:
    """Lets the others run for so many seconds."""

async def sleep_ms(ms: int, /) -> None:
    """Lets the others run for so many milliseconds."""
