"""The time from the network."""

host: str
"""Which server is asked; pool.ntp.org."""
timeout: int

def time() -> int:
    """Seconds since the epoch, as the server says."""

def settime() -> None:
    """Sets the board's clock to UTC. OSError where no answer comes."""
