/**
 * Text of the publish box as bytes, and a message as the command that says it again. Pure.
 * Below: protocol's types. Above: viewFeed.ts.
 */
import type { Encoding } from './protocol';
import { t } from '../core/words';

/** The bytes that `text` stands for, or what is wrong with it, as a sentence. */
export function encode(text: string, encoding: Encoding): Uint8Array | string {
  switch (encoding) {
    case 'text':
      return Buffer.from(text);
    case 'json':
      try {
        JSON.parse(text);
        return Buffer.from(text);
      } catch (error) {
        return t('This is no JSON: {message}. Nothing was sent.', {
          message: (error as Error).message,
        });
      }
    case 'hex': {
      const digits = text.replace(/0x|[\s,:-]/gi, '');
      if (/^([0-9a-f]{2})*$/i.test(digits)) return Buffer.from(digits, 'hex');
      return t('Hex takes two digits a byte, as in 0f a0. Nothing was sent.');
    }
    case 'base64': {
      const plain = text.replace(/\s/g, '');
      if (/^[A-Za-z0-9+/_-]*={0,2}$/.test(plain) && plain.replace(/=+$/, '').length % 4 !== 1) {
        return Buffer.from(plain, 'base64');
      }
      return t('This is no Base64: letters, digits, + and / in groups of four. Nothing was sent.');
    }
  }
}

export interface Say {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
}

/**
 * The `mosquitto_pub` that says `message` again, for the shell of this computer.
 * @param address "host:port" of the broker, where one is known
 */
export function mosquittoPub(message: Say, address: string, windows = false): string {
  const { topic, payload, qos, retain } = message;
  const quote = windows ? quoteForWindows : quoteForPosix;
  const at = /^(.*):(\d+)$/.exec(address);
  const words = ['mosquitto_pub'];
  if (at) words.push('-h', quote(at[1]?.replace(/^\[|\]$/g, '') ?? ''), '-p', at[2] ?? '1883');
  words.push('-t', quote(topic));
  if (qos > 0) words.push('-q', String(qos));
  if (retain) words.push('-r');
  if (payload.length === 0) return [...words, '-n'].join(' ');
  const text = plainText(payload);
  if (text !== undefined) return [...words, '-m', quote(text)].join(' ');
  if (windows) {
    const bytes = Array.from(payload).join(',');
    return `[IO.File]::WriteAllBytes("$PWD\\message.bin", [byte[]](${bytes})); ${[...words, '-f', 'message.bin'].join(' ')}`;
  }
  // Octal, because that is what every printf knows (POSIX).
  const octal = Array.from(payload, (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
  return `printf '${octal}' | ${[...words, '-s'].join(' ')}`;
}

/** As text where a shell takes it unharmed: UTF-8 without control characters but line feed and tab. */
function plainText(payload: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(payload);
    // eslint-disable-next-line no-control-regex -- control characters are the subject here
    return /[\0-\x08\x0b-\x1f\x7f]/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

function quoteForPosix(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  return `'${text.replace(/'/g, `'\\''`)}'`;
}

/** For PowerShell: in single quotes nothing has a meaning, and a quote is doubled. */
function quoteForWindows(text: string): string {
  if (/^[\w+=:./-]+$/.test(text)) return text;
  return `'${text.replace(/'/g, "''").replace(/"/g, '\\"')}'`;
}
