# The module `micropython` of an ESP32: the VM's own, and what only a chip needs.
from micropython import *


def alloc_emergency_exception_buf(size):
    # An error in a callback has all memory here that any other has.
    pass
