import t from 'tap';
import { HalfBlocks } from '../../lib/look/half-blocks.js';
import { sixelBand, sixelEnd, sixelStart } from '../../lib/look/sixel.js';

t.test('half blocks: two rows of pixels a line, colours where they change', async (t) => {
  const blocks = new HalfBlocks(2);
  t.equal(blocks.row(Uint8Array.of(1, 2, 3, 1, 2, 3)), undefined);
  t.equal(blocks.row(Uint8Array.of(4, 5, 6, 7, 8, 9)), '\x1b[38;2;1;2;3m\x1b[48;2;4;5;6m▀\x1b[48;2;7;8;9m▀\x1b[0m');
  t.equal(blocks.end(), undefined);
  blocks.row(Uint8Array.of(1, 2, 3, 1, 2, 3));
  t.equal(blocks.end(), '\x1b[38;2;1;2;3m▀▀\x1b[0m');
});

/** Draws sixels as a terminal does (DEC STD 070): which pixel has which of the colours. */
function drawn(text: string, columns: number): number[][] {
  const rows = Array.from({ length: 6 }, () => new Array<number>(columns).fill(-1));
  let [x, colour] = [0, 0];
  for (const [token] of text.matchAll(/#\d+|!\d+.|\$|-|[?-~]/g)) {
    if (token.startsWith('#')) colour = Number(token.slice(1));
    else if (token === '$') x = 0;
    else if (token !== '-') {
      const count = token.startsWith('!') ? Number.parseInt(token.slice(1), 10) : 1;
      const bits = (token.at(-1) ?? '?').charCodeAt(0) - 63;
      for (let i = 0; i < count; i++, x++)
        for (const [line, row] of rows.entries()) if (bits & (1 << line)) row[x] = colour;
    }
  }
  return rows;
}

t.test('sixels: every pixel is drawn, in the nearest of 216 colours', async (t) => {
  const rows = Array.from({ length: 6 }, (_, y) => Uint8Array.from({ length: 30 }, (_, i) => (y + (i % 3)) * 20));
  const found = drawn(sixelBand(rows, 0), 10);
  for (const [y, row] of found.entries())
    for (const colour of row) {
      const levels = [Math.floor(colour / 36), Math.floor(colour / 6) % 6, colour % 6].map((step) => step * 51);
      t.ok(
        levels.every((level, i) => Math.abs(level - (y + i) * 20) <= 51),
        `${levels}`,
      );
    }
  t.ok(sixelStart.startsWith('\x1bPq#0;2;0;0;0#1;2;0;0;20'));
  t.equal(sixelEnd, '\x1b\\');
});

t.test('sixels: less than six rows at the end', async (t) => {
  const found = drawn(sixelBand([Uint8Array.of(255, 0, 0)], 6), 1);
  t.strictSame(
    found.map(([colour]) => colour),
    [180, -1, -1, -1, -1, -1],
  );
});
