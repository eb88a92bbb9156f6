/**
 * Takes out of a text what is nobody's business before it leaves this computer.
 * Below: nothing. Above: Copy for an Issue Report and Collect Diagnostics, in the window and on the
 * command line. A second line of defence: what writes a log must keep secrets out of it by itself.
 */

export interface Private {
  /** Folder of the user, whose name stays out; '' for none. */
  readonly home: string;
  /** Secrets that are known: they go wherever they stand, also as Base64, hex, JSON or in an address. */
  readonly secrets?: readonly string[];
}

/** Shorter ones would take half of every word with them. */
const SHORTEST_SECRET = 4;
const GONE = '(left out)';

/**
 * `text` without the device's half of each MAC, the serial numbers of USB bridges, the user's home
 * folder, what stands before an @ in an address, what is called a password, and known secrets.
 */
export function withoutPrivate(text: string, { home, secrets = [] }: Private): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret.length < SHORTEST_SECRET) continue;
    for (const form of formsOf(secret)) clean = clean.split(form).join(GONE);
  }
  if (home.length > 1) {
    clean = clean.split(home).join('~').split(JSON.stringify(home).slice(1, -1)).join('~');
  }
  return clean
    .replace(/\b((?:[0-9a-f]{2}:){3})(?:[0-9a-f]{2}:){2}[0-9a-f]{2}\b/gi, '$1xx:xx:xx')
    .replace(/\b(usb:[0-9a-f]{1,4}:[0-9a-f]{1,4}:)[^\s"',;:)]+/gi, '$1…')
    .replace(/:\/\/[^/\s@]+@/g, '://…@')
    .replace(/((?:\/home|\/Users|\\Users|\\\\Users)[/\\]+)[^/\\\s"']+/g, '$1…')
    .replace(
      /((?:password|passwd|passphrase|secret|token)["']?\s*[:=]\s*)("[^"\n]*"|'[^'\n]*'|[^\s,;)}\]]+)/gi,
      `$1${GONE}`,
    );
}

/** The ways a text is written without meaning to hide it. Base64 without its end, which its neighbour changes. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const base64 = bytes.toString('base64').replace(/=+$/, '');
  const hex = bytes.toString('hex');
  const all = [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(bytes.toString()),
    base64,
    hex,
    hex.toUpperCase(),
  ];
  return [...new Set(all)].sort((a, b) => b.length - a.length);
}

/** Keys of settings whose value may be a secret, or what a person wrote to others. */
const SECRET_KEY = /passw|passphrase|secret|token|credential|payload|privatekey/i;

/** A setting's value as it may be shown: what stands under a telling key is left out, however deep. */
export function withoutSecretKeys(value: unknown, depth = 0): unknown {
  if (depth > 8) return GONE;
  if (Array.isArray(value)) return value.map((one) => withoutSecretKeys(one, depth + 1));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, one]): [string, unknown] => [
    key,
    SECRET_KEY.test(key) && one !== '' ? GONE : withoutSecretKeys(one, depth + 1),
  ]);
  return Object.fromEntries(entries);
}
