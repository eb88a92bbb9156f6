# umqtt.simple that connects again by itself. Below: umqtt/simple.py. Above: a program.
import time
from . import simple

_plain = simple.MQTTClient


class MQTTClient(_plain):
    DELAY = 2
    DEBUG = False

    def delay(self, i):
        time.sleep(self.DELAY)

    def log(self, in_reconnect, e):
        if self.DEBUG:
            print("mqtt reconnect:" if in_reconnect else "mqtt:", repr(e))

    def _insist(self, action, mend, tries=-1, connecting=False):
        # Does `action`; after each failure the number of failures goes to `mend`.
        failures = 0
        while failures != tries:
            try:
                return action()
            except OSError as e:
                self.log(connecting, e)
            failures += 1
            mend(failures)

    def _mend(self, failures):
        self.reconnect()

    def reconnect(self):
        return self._insist(lambda: self.connect(False), self.delay, connecting=True)

    def publish(self, topic, msg, retain=False, qos=0):
        return self._insist(lambda: _plain.publish(self, topic, msg, retain, qos), self._mend)

    def wait_msg(self):
        return self._insist(lambda: _plain.wait_msg(self), self._mend)

    def check_msg(self, attempts=2):
        return self._insist(lambda: _plain.check_msg(self), self._mend, attempts)
