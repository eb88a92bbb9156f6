"""The old name of json; programs for firmware before 1.21 need it."""

from json import *
