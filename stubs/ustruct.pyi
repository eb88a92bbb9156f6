"""The old name of struct; programs for firmware before 1.21 need it."""

from struct import *
