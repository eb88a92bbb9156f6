"""The old name of random; programs for firmware before 1.21 need it."""

from random import *
