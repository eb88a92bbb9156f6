import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { encode, mosquittoPub } from './encoding';

describe('the publish box', () => {
  for (const [text, encoding, bytes] of [
    ['on', 'text', [111, 110]],
    ['{"a":1}', 'json', [...Buffer.from('{"a":1}')]],
    ['0f a0', 'hex', [15, 160]],
    ['0x0F,0xA0', 'hex', [15, 160]],
    ['0f:a0', 'hex', [15, 160]],
    ['', 'hex', []],
    ['AP8=', 'base64', [0, 255]],
    ['AP8', 'base64', [0, 255]],
  ] as const) {
    test(`${encoding} ${text}`, () => {
      assert.deepEqual([...(encode(text, encoding) as Uint8Array)], bytes);
    });
  }
  for (const [text, encoding] of [
    ['{"a":', 'json'],
    ['0f a', 'hex'],
    ['0g', 'hex'],
    ['A', 'base64'],
    ['A=B=', 'base64'],
  ] as const) {
    test(`${encoding} ${text} is none, and says so`, () => {
      assert.match(String(encode(text, encoding)), /Nothing was sent/);
    });
  }
});

describe('a message as mosquitto_pub', () => {
  const message = { topic: 'hello', payload: Buffer.from('on'), qos: 0, retain: false } as const;

  test('plain words stand plain, the rest is quoted', () => {
    assert.equal(
      mosquittoPub({ ...message, qos: 1, retain: true }, '192.168.1.20:1883'),
      'mosquitto_pub -h 192.168.1.20 -p 1883 -t hello -q 1 -r -m on',
    );
    assert.equal(
      mosquittoPub({ ...message, payload: Buffer.from("it's $HOME `x`") }, ''),
      `mosquitto_pub -t hello -m 'it'\\''s $HOME \`x\`'`,
    );
    assert.equal(
      mosquittoPub({ ...message, payload: Buffer.from('') }, ''),
      'mosquitto_pub -t hello -n',
    );
    assert.match(
      mosquittoPub({ ...message, payload: Buffer.of(0, 255) }, ''),
      /^printf '\\000\\377' \|/,
    );
    assert.match(mosquittoPub({ ...message, topic: "a'b" }, '', true), /-t 'a''b'/);
  });

  test(
    'whatever the message, a shell hands it over unchanged and does nothing else',
    { skip: process.platform === 'win32' ? 'needs a POSIX shell' : false },
    () => {
      const hostile = [
        '$(id)',
        "';id;'",
        '`id`',
        'a\nb',
        '\\',
        '"',
        '-n',
        '%s',
        "''",
        ' x ',
        '!!',
        'ü',
      ];
      const payloads = [...hostile.map((t) => Buffer.from(t)), Buffer.of(0, 39, 255, 10, 37, 92)];
      const lines = payloads.map((payload, i) =>
        mosquittoPub({ ...message, topic: hostile[i] ?? 'x', payload }, 'h:1'),
      );
      // Stands in for the program: topic and message in brackets, or what comes in after -s.
      const stub =
        'mosquitto_pub() { printf "[%s]" "$6"; if [ "$7" = -s ]; then cat; else printf %s "$8"; fi; printf "\\n--\\n"; }';
      const out = execFileSync('sh', ['-c', `${stub}\n${lines.join('\n')}`], {
        encoding: 'latin1',
      });
      assert.deepEqual(
        out.split('\n--\n').slice(0, -1),
        payloads.map((payload, i) =>
          Buffer.concat([Buffer.from(`[${hostile[i] ?? 'x'}]`), payload]).toString('latin1'),
        ),
      );
    },
  );
});
