"""The old name of time; programs for firmware before 1.21 need it."""

from time import *
