"""The old name of os; programs for firmware before 1.21 need it."""

from os import *
