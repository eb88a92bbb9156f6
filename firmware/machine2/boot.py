# boot.py runs first, whenever the board starts. It joins the Wi-Fi; then main.py does the talking.
# Ctrl-C at the prompt stops it.
import time
import network

ssid = 'REPLACE_WITH_YOUR_SSID'
password = 'REPLACE_WITH_YOUR_PASSWORD'

# What the ESP32 says when it could not join (the STAT_ numbers of the network module).
reasons = {
    201: 'no network of that name in reach (an ESP32 hears 2.4 GHz only)',
    202: 'the password is wrong',
    204: 'the password is wrong, or the signal is weak',
}


def connect_wifi():
    """Join the Wi-Fi, however long it takes, and say every 5 seconds what is missing."""
    station = network.WLAN(network.STA_IF)
    station.active(False)  # a clean start, whatever ran before
    station.active(True)
    print('Wi-Fi: joining', ssid)
    station.connect(ssid, password)
    said = time.ticks_ms()
    while not station.isconnected():
        time.sleep_ms(100)
        if time.ticks_diff(time.ticks_ms(), said) > 5000:
            said = time.ticks_ms()
            status = station.status()
            print('Wi-Fi: not connected to', ssid, '-', reasons.get(status, status))
            print('       (Ctrl-C stops; ssid and password are in boot.py)')
    print('Wi-Fi: connected, my address is', station.ifconfig()[0])
    return station


station = connect_wifi()
