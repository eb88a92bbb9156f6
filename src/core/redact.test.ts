import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { withoutPrivate, withoutSecretKeys } from './redact';

const clean = (text: string, home = '/home/ada'): string => withoutPrivate(text, { home });

test('addresses of boards, bridges, people and folders go', () => {
  assert.equal(clean('mqtt://ada:pw@host:1883'), 'mqtt://…@host:1883');
  assert.equal(clean('at 12:34:56'), 'at 12:34:56');
  assert.equal(clean('24:6F:28:ab:cd:ef'), '24:6F:28:xx:xx:xx');
  assert.equal(clean('usb:10c4:ea60:SECRET7: reset'), 'usb:10c4:ea60:…: reset');
  assert.equal(clean('/home/ada/x, /home/eve/y'), '~/x, /home/…/y');
  assert.equal(clean('C:\\Users\\Eve\\fw.bin', ''), 'C:\\Users\\…\\fw.bin');
  assert.equal(clean('{"path":"C:\\\\Users\\\\Ada\\\\x"}', 'C:\\Users\\Ada'), '{"path":"~\\\\x"}');
});

test('what is called a password goes, whatever it is', () => {
  assert.equal(
    clean('password="a b", user=x, token: abc; ok'),
    'password=(left out), user=x, token: (left out); ok',
  );
  assert.equal(clean("PASSWORD = 'x y'"), 'PASSWORD = (left out)');
  assert.equal(clean('{"password":"p,q"}'), '{"password":(left out)}');
  assert.equal(clean('the password is asked for'), 'the password is asked for');
});

test('a known secret goes in every form in which it may stand', () => {
  fc.assert(
    fc.property(
      fc.string({
        minLength: 8,
        maxLength: 63,
        unit: fc.integer({ min: 33, max: 126 }).map((n) => String.fromCharCode(n)),
      }),
      fc.string(),
      (secret, around) => {
        // Only what the text has because of the secret counts.
        fc.pre(!around.includes(secret) && !'(left out)'.includes(secret));
        const forms = [
          secret,
          JSON.stringify(secret),
          encodeURIComponent(secret),
          Buffer.from(secret).toString('hex'),
          Buffer.from(secret).toString('base64'),
        ];
        for (const form of forms) {
          const said = withoutPrivate(`${around} ${form} ${around}`, {
            home: '',
            secrets: [secret],
          });
          assert.ok(!said.includes(secret), form);
          assert.ok(!said.includes(form.replace(/^"|"$|=+$/g, '')), form);
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('settings keep what is harmless', () => {
  assert.deepEqual(
    withoutSecretKeys({
      url: 'mqtt://h',
      will: { topic: 't', payload: 'mine' },
      users: [{ name: 'a', password: 'p' }],
      empty: { password: '' },
    }),
    {
      url: 'mqtt://h',
      will: { topic: 't', payload: '(left out)' },
      users: [{ name: 'a', password: '(left out)' }],
      empty: { password: '' },
    },
  );
  const loop: Record<string, unknown> = {};
  loop['self'] = loop;
  assert.ok(JSON.stringify(withoutSecretKeys(loop)).length < 500);
});
