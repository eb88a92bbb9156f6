"""The old name of sys; programs for firmware before 1.21 need it."""

from sys import *
