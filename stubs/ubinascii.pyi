"""The old name of binascii; programs for firmware before 1.21 need it."""

from binascii import *
