"""The old name of asyncio; programs for firmware before 1.21 need it."""

from asyncio import *
