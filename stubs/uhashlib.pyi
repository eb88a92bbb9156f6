"""The old name of hashlib; programs for firmware before 1.21 need it."""

from hashlib import *
