"""The old name of collections; programs for firmware before 1.21 need it."""

from collections import *
