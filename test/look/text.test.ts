import t from 'tap';
import { Canvas, fitText, textWidth } from '../../lib/look/canvas.js';
import { glyph } from '../../lib/look/font.js';
import { drawLegend } from '../../lib/look/legend.js';

t.test('every printable letter has a shape of its own', async (t) => {
  const letters = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i));
  const shapes = new Set(letters.map((letter) => [...glyph(letter)].join()));
  t.equal(shapes.size, 95);
  t.strictSame(glyph('é'), glyph('e'), 'marks are lost rather than letters');
  t.strictSame(glyph('字'), glyph('語'), 'others are a box');
});

t.test('text is cut in its middle, and nothing is drawn outside', async (t) => {
  t.equal(fitText('CryptoObject', 1000), 'CryptoObject');
  t.equal(textWidth(fitText('Chars.CryptoObject', 60)) <= 60, true);
  t.equal(fitText('Chars.CryptoObject', 60), 'Char..ject');
  const canvas = new Canvas(10, 10, [0, 0, 0]);
  canvas.text(-3, -3, 'WWWW', [255, 255, 255]);
  canvas.paste(0, 12, new Uint8Array(30));
  t.equal(canvas.bytes.length, 300);
});

t.test('a legend has room for all its names', async (t) => {
  const entries = Array.from({ length: 30 }, (_, id) => ({ id: id + 1, label: `name ${id}` }));
  const narrow = drawLegend(entries, 60);
  const wide = drawLegend(entries, 600);
  t.ok(narrow.height > wide.height);
  t.equal(drawLegend([], 60).width, 60);
});
