import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  BINARY,
  COM_PORT_OPTION,
  DO,
  DONT,
  ECHO,
  TelnetDecoder,
  TelnetOptions,
  WILL,
  WONT,
  encodeSub,
  encodeVerb,
  escapeData,
  type TelnetEvent,
} from './telnet';

const dataOf = (events: TelnetEvent[]): number[] =>
  events.flatMap((e) => (e.kind === 'data' ? [...e.bytes] : []));

describe('telnet decoder', () => {
  test('data, verbs and subnegotiations come apart in order', () => {
    const events = new TelnetDecoder().decode(
      Uint8Array.of(65, 255, DO, 44, 66, 255, 250, 44, 105, 255, 255, 8, 255, 240, 67),
    );
    assert.deepEqual(events, [
      { kind: 'data', bytes: Uint8Array.of(65) },
      { kind: 'verb', verb: DO, option: 44 },
      { kind: 'data', bytes: Uint8Array.of(66) },
      { kind: 'sub', option: 44, payload: Uint8Array.of(105, 255, 8) },
      { kind: 'data', bytes: Uint8Array.of(67) },
    ]);
  });

  test('any bytes arrive as they were sent, wherever the stream is cut', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 1, max: 9 }), (data, n) => {
        const wire = escapeData(data);
        const decoder = new TelnetDecoder();
        const events: TelnetEvent[] = [];
        for (let i = 0; i < wire.length; i += n)
          events.push(...decoder.decode(wire.slice(i, i + n)));
        assert.deepEqual(dataOf(events), [...data]);
        assert.ok(events.every((e) => e.kind === 'data' && e.bytes.length > 0));
      }),
    );
  });

  test('a subnegotiation survives being cut and holding 0xFF', () => {
    const wire = encodeSub(COM_PORT_OPTION, [1, 255, 240, 0, 255]);
    const decoder = new TelnetDecoder();
    const events = [...wire].flatMap((byte) => decoder.decode(Uint8Array.of(byte)));
    assert.deepEqual(events, [
      { kind: 'sub', option: 44, payload: Uint8Array.of(1, 255, 240, 0, 255) },
    ]);
  });

  test('noise of a telnet peer (NOP, GA, a broken subnegotiation) does not reach the data', () => {
    const decoder = new TelnetDecoder();
    const noise = [255, 241, 255, 249, 255, 250, 44, 1, 255, 241];
    assert.deepEqual(dataOf(decoder.decode(Uint8Array.of(1, ...noise, 2))), [1, 2]);
  });
});

describe('telnet options', () => {
  const make = (): { options: TelnetOptions; sent: number[][] } => {
    const sent: number[][] = [];
    const willing = { us: [BINARY, COM_PORT_OPTION], them: [BINARY, COM_PORT_OPTION, ECHO] };
    return { options: new TelnetOptions(willing, (b) => sent.push([...b])), sent };
  };

  test('asks once, and an agreement is not answered', () => {
    const { options, sent } = make();
    options.ask('us', COM_PORT_OPTION);
    options.ask('us', COM_PORT_OPTION);
    options.heard(DO, COM_PORT_OPTION);
    options.heard(DO, COM_PORT_OPTION);
    assert.deepEqual(sent, [[...encodeVerb(WILL, COM_PORT_OPTION)]]);
    assert.ok(options.isOn(COM_PORT_OPTION));
  });

  test('agrees to what it knows and declines what it does not', () => {
    const { options, sent } = make();
    options.heard(WILL, ECHO);
    options.heard(DO, ECHO);
    options.heard(DO, 31);
    assert.deepEqual(sent, [
      [...encodeVerb(DO, ECHO)],
      [...encodeVerb(WONT, ECHO)],
      [...encodeVerb(WONT, 31)],
    ]);
  });

  test('a refusal is known when every side that was asked has said no', () => {
    const { options, sent } = make();
    options.ask('us', COM_PORT_OPTION);
    assert.equal(options.isRefused(COM_PORT_OPTION), false);
    options.heard(DONT, COM_PORT_OPTION);
    assert.ok(options.isRefused(COM_PORT_OPTION));
    assert.equal(sent.length, 1);
    options.heard(WILL, COM_PORT_OPTION);
    assert.ok(options.isOn(COM_PORT_OPTION));
  });
});
