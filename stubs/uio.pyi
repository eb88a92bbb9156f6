"""The old name of io; programs for firmware before 1.21 need it."""

from io import *
