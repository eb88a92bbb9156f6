/**
 * The files in which Mosquitto is told who may come in: names with hashed passwords, and what each
 * may say and hear. Pure but for the salt.
 * Below: node:crypto, access.ts' types. Above: mosquitto.ts writes them.
 */
import { pbkdf2Sync, randomBytes } from 'node:crypto';
import type { UserRules } from './access';

export type NamedUser = UserRules & { readonly password: string };

/** As mosquitto_passwd of 2.0 does (src/password_mosq.c): PBKDF2 over SHA-512, 64 bytes. */
const ROUNDS = 1000;
const SALT_BYTES = 12;

/** A name that cannot break out of its line; others are let in nowhere. */
export function fitsMosquitto(name: string): boolean {
  return name !== '' && !/[:\p{Cc}]/u.test(name) && name === name.trim();
}

export function passwordFile(users: readonly NamedUser[]): string {
  return users
    .filter(({ name }) => fitsMosquitto(name))
    .map(({ name, password }) => {
      const salt = randomBytes(SALT_BYTES);
      const hash = pbkdf2Sync(password, salt, ROUNDS, 64, 'sha512');
      return `${name}:$7$${ROUNDS}$${salt.toString('base64')}$${hash.toString('base64')}\n`;
    })
    .join('');
}

/** Who is not named in it may do nothing. */
export function rightsFile(users: readonly UserRules[]): string {
  return users
    .filter(({ name }) => fitsMosquitto(name))
    .map(({ name, publish, subscribe }) =>
      [`user ${name}`, ...rights('write', publish), ...rights('read', subscribe), ''].join('\n'),
    )
    .join('\n');
}

function rights(what: 'read' | 'write', filters: readonly string[] | undefined): string[] {
  const all = filters ?? (what === 'read' ? ['#', '$SYS/#'] : ['#']);
  return all.filter((filter) => !/\p{Cc}/u.test(filter)).map((filter) => `topic ${what} ${filter}`);
}
