"""The old name of socket; programs for firmware before 1.21 need it."""

from socket import *
