"""The old name of re; programs for firmware before 1.21 need it."""

from re import *
