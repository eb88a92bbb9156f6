"""The old name of ssl; programs for firmware before 1.21 need it."""

from ssl import *
