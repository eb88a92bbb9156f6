# talk.py keeps a board in the conversation: it comes back by itself whenever the line was cut.
#   talk = Talk('192.168.1.5')       the broker's address
#   talk.hear('lamp', switch)        switch(message) is called with what is said on lamp
#   talk.every(2000, measure)        measure() is called every 2000 ms
#   talk.run()                       for ever; Ctrl-C stops it
import time
import machine
import ubinascii
from umqttsimple import MQTTClient, MQTTException


class Talk:
    def __init__(self, server, port=1883, user='', password='', ca=''):
        self.server = server
        self.name = ubinascii.hexlify(machine.unique_id()).decode()
        # Both empty: the broker lets everyone in.
        who, word = user or None, password or None
        how = {}
        if ca:  # a certificate on the board: the broker is spoken to over TLS
            with open(ca, 'rb') as file:
                # 2 is ssl.CERT_REQUIRED
                how = {'cadata': file.read(), 'cert_reqs': 2, 'server_hostname': server}
        self.client = MQTTClient(
            self.name, server, port, who, word, keepalive=30, ssl=bool(ca), ssl_params=how
        )
        self.client.set_callback(self._heard)
        self._calls = {}
        self._timers = []
        self.every(10000, self.client.ping)

    def hear(self, topic, call):
        """Call call(message) for each message on topic; message is text."""
        self._calls[topic] = call

    def every(self, ms, call):
        """Call call() every ms milliseconds, while there is a connection."""
        self._timers.append([ms, call, time.ticks_ms()])

    def on_connect(self):
        """Called after each connection: set it to a function of yours."""

    def say(self, topic, message, retain=False):
        print('I say', message, 'on', topic)
        self.client.publish(topic, message, retain)

    def connect(self):
        self.client.connect()
        for topic in self._calls:
            self.client.subscribe(topic)
        print('MQTT: connected to', self.server)
        self.say('hello', self.name + ' is here')
        self.on_connect()

    def step(self):
        """Do what is due, without waiting. An OSError says that the connection is gone."""
        self.client.check_msg()
        now = time.ticks_ms()
        for timer in self._timers:
            if time.ticks_diff(now, timer[2]) >= timer[0]:
                timer[2] = now
                timer[1]()
        if time.ticks_diff(now, self.client.last_heard) >= 25000:
            raise OSError('the broker is silent')

    def run(self):
        pause = 1
        while True:
            try:
                self.connect()
                pause = 1
                while True:
                    self.step()
                    time.sleep_ms(20)
            except OSError as error:
                print('MQTT: no connection to', self.server, '-', error)
            except MQTTException as error:
                print('MQTT: the broker at', self.server, 'refuses, code', error)
            print('MQTT: next try in', pause, 's (Ctrl-C stops)')
            time.sleep(pause)
            pause = min(pause * 2, 30)

    def _heard(self, topic, message):
        try:
            text = message.decode()
        except UnicodeError:  # anybody may send bytes that are no text
            return
        print('I hear', text, 'on', topic.decode())
        self._calls[topic.decode()](text)
