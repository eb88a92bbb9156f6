import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { boardColours } from '../core/colours';
import { inColour, svgAddress } from './boardColours';

test('every picture of a board can be drawn in every colour', () => {
  const files = readdirSync('media').filter((name) =>
    /^(board|virtual)-\w+-(dark|light)\.svg$/.test(name),
  );
  assert.ok(files.length >= 16);
  for (const file of files) {
    const theme = file.endsWith('-dark.svg') ? 'dark' : 'light';
    const svg = readFileSync(`media/${file}`, 'utf8');
    const drawn = boardColours.map((colour) => inColour(svg, theme, colour));
    assert.equal(new Set([svg, ...drawn]).size, boardColours.length + 1, file);
    const [first = ''] = drawn;
    assert.equal(Buffer.from(svgAddress(first).split(',')[1] ?? '', 'base64').toString(), first);
  }
});
