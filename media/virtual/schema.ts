/**
 * What the host may say to the panel of a virtual board, as a schema. Below: valibot. Above: main.ts.
 * That it is the same as src/board/virtualWorld.ts is held by media/schemas.test.ts.
 */
import * as v from 'valibot';

const text = v.string();
const pin = v.number();

export const panelState = v.object({
  type: v.literal('state'),
  name: text,
  chip: text,
  mac: text,
  status: text,
  alive: v.boolean(),
  air: v.object({ ssid: text, secured: v.boolean() }),
  world: v.object({
    pins: v.array(
      v.object({
        pin,
        mode: v.picklist(['in', 'out', 'open-drain', 'pwm']),
        level: v.number(),
        duty: v.number(),
        frequency: v.number(),
      }),
    ),
    strips: v.array(v.object({ pin, colours: v.array(v.pipe(text, v.regex(/^#[0-9a-f]{6}$/))) })),
    asked: v.array(text),
  }),
  readings: v.record(text, v.nullable(v.number())),
});
