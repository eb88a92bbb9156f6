"""The old name of select; programs for firmware before 1.21 need it."""

from select import *
