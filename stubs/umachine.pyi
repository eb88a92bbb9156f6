"""The old name of machine; programs for firmware before 1.21 need it."""

from machine import *
