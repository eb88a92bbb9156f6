# ring.py is the same on every board: it takes the token and hands it on.
import time


class Ring:
    def __init__(self, talk, me, boards):
        self.talk = talk
        self.me = me
        self.boards = boards
        self.held = None  # the round of the token that is here
        self.seen = time.ticks_ms()
        talk.hear('ring/%d' % me, self.take)
        talk.every(1000, self.hand_on)

    def take(self, message):
        if message.isdigit():
            self.held = int(message)
            self.seen = time.ticks_ms()

    def hand_on(self):
        if self.held is not None:
            following = self.me % self.boards + 1
            # The last board closes the round.
            number = self.held + 1 if following == 1 else self.held
            self.talk.say('ring/%d' % following, str(number))
            self.held = None
        elif self.me == 1 and time.ticks_diff(time.ticks_ms(), self.seen) > 6000:
            print('No token for 6 seconds: here is a new one')
            self.held = 1
            self.seen = time.ticks_ms()
