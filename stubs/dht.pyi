"""DHT11 and DHT22: temperature and humidity. measure() first, at most every second (DHT22: two)."""

from machine import Pin

class DHTBase:
    def __init__(self, pin: Pin) -> None: ...
    def measure(self) -> None:
        """Asks the sensor. OSError where it does not answer: wiring, pull-up, or asked too soon."""

class DHT11(DHTBase):
    def temperature(self) -> int:
        """Whole degrees Celsius."""

    def humidity(self) -> int:
        """Whole percents."""

class DHT22(DHTBase):
    def temperature(self) -> float:
        """Degrees Celsius."""

    def humidity(self) -> float:
        """Percents."""
