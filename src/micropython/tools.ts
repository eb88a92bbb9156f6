/**
 * Small things one does at a prompt: set the clock, see which Wi-Fi is there and what is on the I2C
 * bus. Each is one round trip, and leaves the board as it was.
 * Below: boardCode.ts. Above: commands of the window and of the command line.
 */
import type { Job } from '../core/job';
import { ask } from './boardCode';
import type { RawRepl } from './rawRepl';
import { t } from '../core/words';

/**
 * Sets the board's clock to `time` in this computer's time zone: MicroPython knows no zones.
 * @returns what the board's clock says now, "2026-11-25 15:50:03"
 * @throws BoardError as {@link RawRepl.exec}
 */
export async function setClock(repl: RawRepl, time: Date, job: Job): Promise<string> {
  // machine.RTC.datetime of the ESP32: year, month, day, weekday (Monday is 0), h, min, s, microseconds.
  const weekday = (time.getDay() + 6) % 7;
  const day = [time.getFullYear(), time.getMonth() + 1, time.getDate(), weekday];
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds(), 0];
  const code = `
r=M('machine').RTC()
r.datetime((${[...day, ...clock].join(',')}))
say('%04d-%02d-%02d %02d:%02d:%02d'%M('time').localtime()[:6])`;
  const [answer] = await ask(repl, code, job);
  return String(answer);
}

export interface WifiNetwork {
  /** '' for a hidden one. */
  readonly ssid: string;
  /** dBm: -30 is beside it, -90 hardly there. */
  readonly rssi: number;
  readonly channel: number;
  readonly secured: boolean;
}

/** Time for a scan of all channels, with room for a slow firmware. */
const SCAN_MS = 30_000;

/**
 * The Wi-Fi networks the board hears, strongest first, each name once. The interface is switched on for
 * it and off again where it was off.
 * @throws BoardError python-error where the firmware has no Wi-Fi; as exec
 */
export async function scanWifi(repl: RawRepl, job: Job): Promise<WifiNetwork[]> {
  const code = `
w=M('network').WLAN(0)
a=w.active()
w.active(True)
try:
 for n in w.scan():
  try:
   t=str(n[0],'utf8')
  except Exception:
   t=repr(n[0])[2:-1]
  say([t,n[3],n[2],1 if n[4] else 0])
finally:
 w.active(a)`;
  const answers = await ask(repl, code, job, { timeoutMs: SCAN_MS });
  const networks = (answers as [string, number, number, number][])
    .map(([ssid, rssi, channel, secured]) => ({ ssid, rssi, channel, secured: secured === 1 }))
    .sort((a, b) => b.rssi - a.rssi);
  return networks.filter(
    ({ ssid }, index) => ssid === '' || networks.findIndex((n) => n.ssid === ssid) === index,
  );
}

export interface I2cPins {
  readonly sda: number;
  readonly scl: number;
}

/** Where most ESP32 boards have I2C, and MicroPython's own default (quick reference for the ESP32). */
export const DEFAULT_I2C: I2cPins = { sda: 21, scl: 22 };

/**
 * The 7-bit addresses that answer on the bus.
 * @throws BoardError python-error for a pin that there is not, or a bus without pull-ups; as exec
 */
export async function scanI2c(repl: RawRepl, { sda, scl }: I2cPins, job: Job): Promise<number[]> {
  const code = `
m=M('machine')
I=getattr(m,'SoftI2C',None) or m.I2C
b=I(scl=m.Pin(${Math.trunc(scl)}),sda=m.Pin(${Math.trunc(sda)}))
say(b.scan())`;
  const [answer] = await ask(repl, code, job);
  return (answer as number[]).map(Number);
}

/** What usually has an address: parts of the usual kits, by their data sheets. */
const PARTS: Readonly<Record<number, string>> = {
  0x1e: t('HMC5883L compass'),
  0x20: t('PCF8574 port expander'),
  0x23: t('BH1750 light'),
  0x27: t('LCD with PCF8574'),
  0x29: t('VL53L0X distance'),
  0x38: t('AHT10/AHT20 humidity'),
  0x3c: t('SSD1306 display'),
  0x3d: t('SSD1306 display'),
  0x3f: t('LCD with PCF8574A'),
  0x40: t('INA219 current, SHT21/HTU21 humidity'),
  0x44: t('SHT31 humidity'),
  0x48: t('ADS1115 converter, TMP102 temperature'),
  0x50: 'AT24C EEPROM',
  0x57: t('AT24C32 EEPROM, MAX30102 pulse'),
  0x5a: t('MLX90614 temperature'),
  0x68: t('MPU6050 motion, DS3231 clock'),
  0x76: t('BME280/BMP280 weather'),
  0x77: t('BME280/BMP180 weather'),
};

/** "0x3c", and what it usually is where that is known. */
export function i2cText(address: number): { address: string; part: string | undefined } {
  return { address: `0x${address.toString(16).padStart(2, '0')}`, part: PARTS[address] };
}
