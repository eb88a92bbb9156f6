# The name asyncio had before MicroPython 1.21.
from asyncio import *
