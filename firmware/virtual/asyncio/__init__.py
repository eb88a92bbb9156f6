# asyncio of a virtual board. Tasks, sleeps, locks and gathers are MicroPython's own, frozen in the VM
# (`_syncio` here; it was made for a browser, to which it returns when nothing is due). Added by us: the
# loop that waits by itself, ThreadSafeFlag, and streams (stream.py). Names: MicroPython's documentation.
import time
from _syncio import core, wait_for, wait_for_ms, gather, Event, Lock
from _syncio.core import CancelledError, TimeoutError, Task, TaskQueue, Loop
from _syncio.core import create_task, new_event_loop, sleep, sleep_ms


class _Outcome(BaseException):
    # How the main coroutine ended. The scheduler catches no BaseException, so raising this inside a
    # task is the way out of it, even while other tasks are always due.
    value = None
    error = None


async def _report(awaitable, outcome):
    try:
        outcome.value = await awaitable
    except (Exception, CancelledError) as error:
        outcome.error = error
    raise outcome


def run_until_complete(awaitable):
    outcome = _Outcome()
    outside = core.cur_task
    core.create_task(_report(awaitable, outcome))
    try:
        while True:
            core._run_iter()  # returns when no task is due
            head = core._task_queue.peek()
            if head is None:
                return None  # nobody is left who could wake another
            time.sleep_ms(max(0, time.ticks_diff(head.ph_key, time.ticks_ms())))
    except _Outcome as ended:
        if ended is not outcome:
            raise  # that of a run around this one
    finally:
        core.cur_task = outside
    if outcome.error is not None:
        raise outcome.error
    return outcome.value


def run(coro):
    return run_until_complete(coro)


_stopped = None


def _run_forever():
    global _stopped
    _stopped = Event()
    run_until_complete(_stopped.wait())


def _stop():
    if _stopped is not None:
        _stopped.set()


def get_event_loop(runq_len=0, waitq_len=0):
    return Loop


def current_task():
    if core.cur_task is core._top_level_task:
        raise RuntimeError("no running event loop")
    return core.cur_task


class ThreadSafeFlag:
    # Set by interrupts and timers, which may not touch the queue of tasks: so its waiter looks.
    def __init__(self):
        self._up = False

    def set(self):
        self._up = True

    def clear(self):
        self._up = False

    async def wait(self):
        while not self._up:
            await sleep_ms(2)
        self._up = False


# The scheduler calls this to be called again later: the loop above looks for itself.
core._schedule_run_iter = lambda ms: None
new_event_loop()
Loop.run_until_complete = run_until_complete
Loop.run_forever = _run_forever
Loop.stop = _stop

from .stream import StreamReader, StreamWriter, Server, open_connection, start_server
