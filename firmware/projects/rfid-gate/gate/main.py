# main.py of the gate: a servo on GPIO 18, a green light on GPIO 25, a red one on GPIO 26.
import machine
import time
from talk import Talk

mqtt_server = 'REPLACE_WITH_YOUR_MQTT_BROKER_IP'
mqtt_port = 1883
mqtt_user = ''
mqtt_password = ''
mqtt_ca = ''

# Who may come in. Say a number on gate/learn to add one; a file keeps them.
known = {'de:ad:be:ef'}
servo = machine.PWM(machine.Pin(18), freq=50)
green = machine.Pin(25, machine.Pin.OUT, value=0)
red = machine.Pin(26, machine.Pin.OUT, value=0)
talk = Talk(mqtt_server, mqtt_port, mqtt_user, mqtt_password, mqtt_ca)
until = None


def load():
    try:
        with open('cards.txt') as file:
            known.clear()
            known.update(line.strip() for line in file if line.strip())
    except OSError:  # none were learned yet
        pass


def keep():
    with open('cards.txt', 'w') as file:
        for card in known:
            file.write(card + '\n')


def show(state, angle, ms):
    """Sets the gate and its lights; after ms milliseconds it closes again."""
    global until
    servo.duty(int((0.5 + angle / 90) * 1023 / 20))
    green.value(state == 'open')
    red.value(state == 'refused')
    until = time.ticks_add(time.ticks_ms(), ms) if ms else None
    talk.say('gate/state', state, retain=True)


def on_card(card):
    if card in known:
        show('open', 90, 3000)
    else:
        show('refused', 0, 1500)


def learn(card):
    known.add(card)
    keep()


def forget(card):
    known.discard(card)
    keep()


def tick():
    if until is not None and time.ticks_diff(time.ticks_ms(), until) >= 0:
        show('closed', 0, 0)


load()
talk.hear('reader/card', on_card)
talk.hear('gate/learn', learn)
talk.hear('gate/forget', forget)
talk.every(100, tick)
talk.on_connect = lambda: show('closed', 0, 0)
talk.run()
