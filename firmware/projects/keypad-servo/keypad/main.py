# main.py of the keypad: 4 x 4 keys, rows on GPIO 13 12 14 27, columns on GPIO 26 25 33 32.
import machine
from talk import Talk

mqtt_server = 'REPLACE_WITH_YOUR_MQTT_BROKER_IP'
mqtt_port = 1883
mqtt_user = ''
mqtt_password = ''
mqtt_ca = ''

keys = ('123A', '456B', '789C', '*0#D')
rows = [machine.Pin(n, machine.Pin.OUT, value=1) for n in (13, 12, 14, 27)]
columns = [machine.Pin(n, machine.Pin.IN, machine.Pin.PULL_UP) for n in (26, 25, 33, 32)]
talk = Talk(mqtt_server, mqtt_port, mqtt_user, mqtt_password, mqtt_ca)
last = None


def scan():
    """The key that is down, or None: one row is pulled low at a time, and a column follows it."""
    found = None
    for row, names in zip(rows, keys):
        row.value(0)
        for column, name in zip(columns, names):
            if column.value() == 0:
                found = name
        row.value(1)
    return found


def look():
    global last
    key = scan()
    if key and key != last:  # once a press, however long it is held
        press(key)
    last = key


def press(key):
    if key in '0123456789ABCD*#' and len(key) == 1:
        talk.say('keypad/key', key)


talk.every(50, look)
talk.hear('keypad/press', press)
talk.run()
