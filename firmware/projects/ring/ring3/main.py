# main.py of ring3: it takes the token and hands it on.
import time
from talk import Talk

mqtt_server = 'REPLACE_WITH_YOUR_MQTT_BROKER_IP'
mqtt_port = 1883

me, boards = 3, 3
talk = Talk(mqtt_server, mqtt_port)
held = None  # the round of the token that is here
seen = time.ticks_ms()


def take(message):
    global held, seen
    if message.isdigit():
        held = int(message)
        seen = time.ticks_ms()


def hand_on():
    global held, seen
    if held is not None:
        following = me % boards + 1
        # The last board closes the round.
        talk.say('ring/%d' % following, str(held + 1 if following == 1 else held))
        held = None
    elif me == 1 and time.ticks_diff(time.ticks_ms(), seen) > 6000:
        print('No token for 6 seconds: here is a new one')
        held = 1
        seen = time.ticks_ms()


talk.hear('ring/%d' % me, take)
talk.every(1000, hand_on)
talk.run()
