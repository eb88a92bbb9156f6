# machine, network, esp32: what a board is and what stands at its pins, with nothing wired.
import esp32
import machine
import micropython
import network
import time
from machine import ADC, PWM, RTC, SPI, UART, I2C, Pin, Signal, Timer

print(len(machine.unique_id()), machine.freq() in (160000000, 240000000))
print(machine.reset_cause() in (machine.PWRON_RESET, machine.SOFT_RESET, machine.HARD_RESET))

led = Pin(2, Pin.OUT, value=1)
print(led.value(), led)
led.off()
print(led(), led.value(1), led())
print(Signal(led, invert=True).value())
button = Pin(0, Pin.IN, Pin.PULL_UP)
print(button.value())
for bad in (lambda: Pin(99), lambda: Pin(34, Pin.OUT)):
    try:
        bad()
    except ValueError as e:
        print("ValueError", e)

seen = []
out = Pin(4, Pin.OUT, value=0)
out.irq(lambda p: seen.append(p.value()), Pin.IRQ_RISING | Pin.IRQ_FALLING)
out.on()
out.off()
time.sleep_ms(20)
print(seen)
out.irq(None)

pwm = PWM(Pin(5), freq=1000, duty_u16=32768)
print(pwm.freq(), pwm.duty_u16(), pwm.duty())
pwm.freq(50)
pwm.duty(256)
print(pwm.freq(), pwm.duty_u16())
pwm.deinit()

adc = ADC(Pin(34), atten=ADC.ATTN_11DB)
print(0 <= adc.read() <= 4095, 0 <= adc.read_u16() <= 65535, adc.read_uv() >= 0)

ticks = []
timer = Timer(0)
timer.init(period=20, mode=Timer.PERIODIC, callback=lambda t: ticks.append(1))
time.sleep_ms(110)
timer.deinit()
count = len(ticks)
time.sleep_ms(60)
print(4 <= count <= 6, len(ticks) == count)
Timer(1).init(period=10, mode=Timer.ONE_SHOT, callback=lambda t: seen.append("once"))
time.sleep_ms(50)
print(seen)

i2c = I2C(0, scl=Pin(22), sda=Pin(21), freq=400000)
print(i2c.scan())
try:
    i2c.readfrom(0x3C, 1)
except OSError as e:
    print("no device", e.errno)
spi = SPI(1, baudrate=1000000)
buf = bytearray(3)
spi.readinto(buf)
print(len(buf), spi.write(b"abc"))
uart = UART(1, 9600)
print(uart.any(), uart.read(), uart.write(b"xyz"))

rtc = RTC()
rtc.datetime((2026, 11, 29, 6, 12, 34, 56, 0))
print(rtc.datetime()[:3], rtc.datetime()[4:6], time.localtime()[:5])
print(time.mktime((2000, 1, 2, 0, 0, 0, 0, 0)), time.ticks_diff(5, 2**30 - 5))
start = time.ticks_ms()
time.sleep_ms(30)
print(25 <= time.ticks_diff(time.ticks_ms(), start) < 200)

nvs = esp32.NVS("program")
nvs.set_i32("n", 42)
nvs.set_blob("b", b"blob")
nvs.commit()
space = bytearray(8)
print(nvs.get_i32("n"), nvs.get_blob("b", space), space[:4])
nvs.erase_key("n")
try:
    nvs.get_i32("n")
except OSError:
    print("erased")

wlan = network.WLAN(network.STA_IF)
print(wlan.active(), wlan.active(True), wlan.isconnected(), wlan.status() == network.STAT_IDLE)
print(len(wlan.config("mac")), wlan.config("mac") == machine.unique_id())
wlan.active(False)

done = []
micropython.schedule(done.append, 7)
time.sleep_ms(1)
print(done)
