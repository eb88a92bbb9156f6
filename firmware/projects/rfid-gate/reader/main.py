# main.py of the reader: an MFRC522 with SDA on GPIO 5, SCK 18, MOSI 23, MISO 19, RST 22, and 3V3.
import machine
from mfrc522 import MFRC522
from talk import Talk

mqtt_server = 'REPLACE_WITH_YOUR_MQTT_BROKER_IP'
mqtt_port = 1883
mqtt_user = ''
mqtt_password = ''
mqtt_ca = ''

spi = machine.SPI(
    2, baudrate=1000000, sck=machine.Pin(18), mosi=machine.Pin(23), miso=machine.Pin(19)
)
reader = MFRC522(spi, cs=machine.Pin(5), rst=machine.Pin(22))
talk = Talk(mqtt_server, mqtt_port, mqtt_user, mqtt_password, mqtt_ca)
last = None
misses = 0


def look():
    """Says a card once, however long it is held."""
    global last, misses
    card = reader.card()
    if card:
        misses = 0
        if card != last:
            talk.say('reader/card', card)
            last = card
    elif last:
        misses += 1
        if misses >= 3:  # a card that is only held badly is missed now and then
            last = None


talk.every(200, look)
talk.run()
