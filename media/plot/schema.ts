/**
 * What the host may say to the plot, as a schema. Below: valibot. Above: main.ts. That it is the same
 * as src/plot/protocol.ts is held by media/schemas.test.ts.
 */
import * as v from 'valibot';

const names = v.array(v.string());
const rows = {
  at: v.array(v.number()),
  columns: v.array(v.array(v.nullable(v.number()))),
};

export const toPlot = v.variant('type', [
  v.object({ type: v.literal('all'), names, most: v.number(), ...rows }),
  v.object({ type: v.literal('more'), names, ...rows }),
  v.object({ type: v.literal('note'), text: v.string() }),
]);
