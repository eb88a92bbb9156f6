"""The old name of errno; programs for firmware before 1.21 need it."""

from errno import *
