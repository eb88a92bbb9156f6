# main.py of ring1: which board of the ring this one is. What all of them do is in ring.py.
from ring import Ring
from talk import Talk

mqtt_server = 'REPLACE_WITH_YOUR_MQTT_BROKER_IP'
mqtt_port = 1883
mqtt_user = ''
mqtt_password = ''
mqtt_ca = ''

talk = Talk(mqtt_server, mqtt_port, mqtt_user, mqtt_password, mqtt_ca)
Ring(talk, me=1, boards=3)
talk.run()
