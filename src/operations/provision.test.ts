import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { provision, takeOut, told } from './provision';
import { certificateFor } from './putFolder';

const values = { ssid: 'Home', password: 'se"c\'ret\\', mqtt_server: '10.0.0.2' };
const text = (source: string, v = values): string => provision(source, v).text;

describe('what is filled in', () => {
  const cases: [string, string, string][] = [
    ['single quotes', "ssid = 'X'\n", "ssid = 'Home'\n"],
    ['double quotes and a comment', 'ssid="X" # mine\n', 'ssid="Home" # mine\n'],
    ['triple quotes', 'ssid = """X\nY"""\n', 'ssid = """Home"""\n'],
    ['bytes stay bytes', "mqtt_server = b'X'\n", "mqtt_server = b'10.0.0.2'\n"],
    ['raw goes', "ssid = r'X\\'\n'\n", "ssid = r'X\\'\n'\n"],
    ['a closed raw literal', "ssid = rb'X'\n", "ssid = b'Home'\n"],
    ['an annotation', "ssid: str = 'X'\n", "ssid: str = 'Home'\n"],
    ['no newline at the end', "ssid = 'X'", "ssid = 'Home'"],
    ['CRLF', "# a\r\nssid = 'X'\r\nb = 1\r\n", "# a\r\nssid = 'Home'\r\nb = 1\r\n"],
    ['a byte order mark', "\uFEFFssid = 'X'", "\uFEFFssid = 'Home'"],
    ['escapes with single quotes', "password = 'X'", "password = 'se\"c\\'ret\\\\'"],
    ['escapes with double quotes', 'password = "X"', 'password = "se\\"c\'ret\\\\"'],
    ['an empty literal', "ssid = ''", "ssid = 'Home'"],
    ['an escaped quote in the old one', "ssid = 'a\\'b'; x = 1", "ssid = 'Home'; x = 1"],
    ['after a def', "def f():\n  pass\nssid = 'X'\n", "def f():\n  pass\nssid = 'Home'\n"],
    ['every time it is assigned', "ssid='a'\nssid='b'\n", "ssid='Home'\nssid='Home'\n"],
  ];
  for (const [name, before, after] of cases) test(name, () => assert.equal(text(before), after));
});

describe('what is left alone', () => {
  const cases: [string, string][] = [
    ['not at the left margin', "if x:\n    ssid = 'X'\n"],
    ['a longer name', "ssid2 = 'X'\nmy_ssid = 'X'\n"],
    ['inside a docstring', '"""\nssid = \'X\'\n"""\n'],
    ['inside brackets', "f(\nssid = 'X'\n)\n"],
    ['a continued line', "x = 1 + \\\nssid == 'X'\n"],
    ['a comment', "# ssid = 'X'\n"],
    ['a comparison', "ssid == 'X'\n"],
    ['something else than a literal', 'ssid = get()\nssid = None\n'],
    ['part of an expression', "ssid = 'X' + 'Y'\nssid = 'X' 'Y'\nssid = 'X'.strip()\n"],
    ['a literal that is never closed', "ssid = 'X\nssid = '''X\n"],
    ['a bracket in a string or comment', 'x = \'(\'  # (\ny = "["\n'],
  ];
  for (const [name, source] of cases) {
    test(name, () => {
      assert.deepEqual(provision(source, values), { text: source, filled: [] });
    });
  }
  test('a name without a value', () => {
    const source = "ssid = 'X'\npassword = 'Y'\n";
    assert.deepEqual(provision(source, { password: 'p' }), {
      text: "ssid = 'X'\npassword = 'p'\n",
      filled: ['password'],
    });
  });
  test('an empty value is a value (an open network)', () => {
    assert.equal(text("password = 'X'", { ...values, password: '' }), "password = ''");
  });
});

test('brackets and quotes in strings and comments do not hide what follows', () => {
  const source = "a = '(' # [\nb = \"it's\"\nc = '''\n'\"\n'''\nssid = 'X'\n";
  assert.match(text(source), /ssid = 'Home'\n$/);
});

test('names are told once and in order', () => {
  const source = "mqtt_server='x'\nssid='a'\nssid='b'\n";
  assert.deepEqual(provision(source, values).filled, ['mqtt_server', 'ssid']);
});

test('unicode stays readable in a string and becomes UTF-8 escapes in bytes', () => {
  const v = { ssid: 'Kůň🐎\n\u0000' };
  assert.equal(provision("ssid = 'X'", v).text, "ssid = 'Kůň🐎\\n\\x00'");
  assert.equal(
    provision("ssid = b'X'", v).text,
    "ssid = b'K\\xc5\\xaf\\xc5\\x88\\xf0\\x9f\\x90\\x8e\\n\\x00'",
  );
});

/** Reads a one-line Python literal back, independently of how it is written. */
function readBack(literal: string): string {
  return literal.slice(1, -1).replace(/\\(x[0-9a-f]{2}|.)/gs, (_, code: string) => {
    if (code[0] === 'x') return String.fromCharCode(parseInt(code.slice(1), 16));
    return { n: '\n', r: '\r', t: '\t' }[code] ?? code;
  });
}

test('any value comes back as it was, on one line, and nothing else changes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.constantFrom("'", '"'), (value, quote) => {
      const source = `a = 1\r\npassword = ${quote}old${quote} # end\r\nb = '${'x'}'\n`;
      const result = provision(source, { password: value }).text;
      assert.ok(result.startsWith('a = 1\r\npassword = '));
      assert.ok(result.endsWith(" # end\r\nb = 'x'\n"));
      const literal = result.slice('a = 1\r\npassword = '.length, -" # end\r\nb = 'x'\n".length);
      assert.doesNotMatch(literal, /[\r\n]/);
      assert.equal(readBack(literal), value);
    }),
  );
});

test('a file filled in twice is as if filled in once', () => {
  const source = 'ssid = \'X\'\npassword = "Y"\n';
  assert.equal(text(text(source)), text(source));
});

test('the port is filled in where a file has it as an integer, and nowhere else', () => {
  const source = "mqtt_port = 1883  # MQTT\nmqtt_port = '1883'\n mqtt_port = 1883\nx = 1883\n";
  const { text, filled } = provision(source, { mqtt_port: 18830 });
  assert.equal(
    text,
    "mqtt_port = 18830  # MQTT\nmqtt_port = '1883'\n mqtt_port = 1883\nx = 1883\n",
  );
  assert.deepEqual(filled, ['mqtt_port']);
});

describe('on the way back', () => {
  const original =
    "ssid = 'REPLACE_WITH_YOUR_SSID'\npassword = 'REPLACE'\nmqtt_server = '1.2.3.4'\nx = 1\n";
  const values = { ssid: 'Home', password: 'se\'cret "x" \\ ž', mqtt_server: '10.0.0.7' };

  test('a file that was filled in comes back as it was', () => {
    const put = provision(original, values).text;
    assert.ok(put.includes('Home'));
    assert.deepEqual(takeOut(put, original), {
      text: original,
      taken: ['ssid', 'password', 'mqtt_server'],
    });
  });

  test('a change made on the board stays', () => {
    const put = provision(original, values).text.replace('x = 1', 'x = 2');
    assert.equal(takeOut(put, original).text, original.replace('x = 1', 'x = 2'));
  });

  test('a password goes even where nobody knows what it was, in any quotes, and in each place', () => {
    const board =
      'password = b"""se\ncret"""\nssid = "Home"\nif 1:\n  pass\npassword: str = "again"  # x\n';
    const { text, taken } = takeOut(board);
    assert.equal(text, "password = ''\nssid = \"Home\"\nif 1:\n  pass\npassword: str = ''  # x\n");
    assert.deepEqual(taken, ['password']);
  });
});

describe('what a source says by itself', () => {
  test('network, broker and port; never the password', () => {
    const source =
      "ssid = 'Caf\\xe9'\npassword = 'secret'\nmqtt_server = \"10.0.0.1\" # here\nmqtt_port = 1884\n";
    assert.deepEqual(told(source), { ssid: 'Caf\xe9', mqtt_server: '10.0.0.1', mqtt_port: 1884 });
    assert.ok(!JSON.stringify(told(source)).includes('secret'));
  });

  test('the last assignment counts; what is no literal is not guessed', () => {
    assert.deepEqual(told("ssid = 'a'\nssid = 'b'\n"), { ssid: 'b' });
    assert.deepEqual(told('ssid = name()\nmqtt_server = HOST\n'), {});
  });

  test('reads back whatever was filled in', () => {
    for (const ssid of ["it's", 'a"b', 'back\\slash', 'č 漢 😀', 'tab\tline\n']) {
      for (const literal of ["''", '""', "b''", "r''", "'''x'''"]) {
        const filled = provision(`ssid = ${literal}\n`, { ssid }).text;
        assert.deepEqual(told(filled), { ssid }, filled);
      }
    }
  });
});

describe('user and password at the broker', () => {
  const program = "mqtt_user = ''  # empty: everyone\nmqtt_password = ''\nmqtt_pass = ''\n";
  test('are filled in where a program has a place for them, and nowhere else', () => {
    const given = { mqtt_user: 'boards', mqtt_password: "it's" };
    assert.deepEqual(provision(program, given), {
      text: "mqtt_user = 'boards'  # empty: everyone\nmqtt_password = 'it\\'s'\nmqtt_pass = ''\n",
      filled: ['mqtt_user', 'mqtt_password'],
    });
    // A broker that asks nobody leaves what is written there.
    assert.deepEqual(provision(program, { mqtt_server: '10.0.0.2' }).filled, []);
  });
  test('the password is taken out of a backup, and is in nothing that is told', () => {
    const { text: filled } = provision(program, { mqtt_user: 'boards', mqtt_password: 'planted' });
    assert.ok(!takeOut(filled).text.includes('planted'));
    assert.deepEqual(takeOut(filled, program).text, program);
    assert.ok(!JSON.stringify(told(filled)).includes('planted'));
  });
});

describe('TLS', () => {
  const tls = { port: 8883, ca: 'parley-ca.der', certificate: new Uint8Array([0x30]) };
  test('a program that has a place for the certificate is led to the other port', () => {
    const able = "mqtt_port = 1883\nmqtt_ca = ''\n";
    assert.deepEqual(provision(able, { mqtt_port: 1884, tls }), {
      text: "mqtt_port = 8883\nmqtt_ca = 'parley-ca.der'\n",
      filled: ['mqtt_port', 'mqtt_ca'],
    });
  });
  test('the certificate goes with a program that was led there, and with no other', () => {
    const certificate = [{ path: 'parley-ca.der', bytes: tls.certificate }];
    assert.deepEqual(certificateFor({ tls }, { 'main.py': ['mqtt_port', 'mqtt_ca'] }), certificate);
    assert.deepEqual(certificateFor({ tls }, { 'main.py': ['mqtt_port'] }), []);
    assert.deepEqual(certificateFor({}, { 'main.py': ['mqtt_ca'] }), []);
  });
  test('any other stays in the clear', () => {
    const { text: filled } = provision('mqtt_port = 1883\n', { mqtt_port: 1884, tls });
    assert.equal(filled, 'mqtt_port = 1884\n');
  });
});
