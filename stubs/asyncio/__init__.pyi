"""Many tasks at once, each giving way at its await."""

from .core import *
from .event import Event as Event
from .event import ThreadSafeFlag as ThreadSafeFlag
from .funcs import gather as gather
from .funcs import wait_for as wait_for
from .funcs import wait_for_ms as wait_for_ms
from .lock import Lock as Lock
from .stream import Server as Server
from .stream import StreamReader as StreamReader
from .stream import StreamWriter as StreamWriter
from .stream import open_connection as open_connection
from .stream import start_server as start_server
