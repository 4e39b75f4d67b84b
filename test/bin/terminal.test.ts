/** What a terminal gets to see, whatever names are in a file and however wide it is. */
import fc from 'fast-check';
import t from 'tap';
import { barText, progressMode } from '../../bin/chain/progress.js';
import { ProgressState } from '../../bin/chain/progress-state.js';
import { jsonLine } from '../../bin/terminal/json.js';
import { alignColumns, fitColumns, lineWidth, terminalWidth } from '../../bin/terminal/table.js';
import { describeError, ExrError, printable, withPlace } from '../../lib/model/error.js';
import { brief, listed, shortened } from '../../lib/model/listed.js';
import { decodeText } from '../../lib/model/text.js';
import { displayWidth } from '../../lib/model/width.js';

t.test('what drives a terminal, or hides, is shown as an escape', (t) => {
  const shown = {
    'a\u001b[2Jb': 'a\\x1b[2Jb',
    'a\nb\tc\rd': 'a\\nb\\tc\\x0dd',
    'a\u009bb': 'a\\x9bb',
    'exe.\u202erxe': 'exe.\\u{202e}rxe',
    'a\u200bb\ufeffc\u00add': 'a\\u{200b}b\\u{feff}c\\xadd',
    'a\u200db': 'a\\u{200d}b',
    'a\u2028b': 'a\\u{2028}b',
    'a\u{e0041}b': 'a\\u{e0041}b',
    [decodeText(Uint8Array.of(0x62, 0xe4, 0x75, 0xff))]: 'b\\xe4u\\xff',
    'Bäume (木)': 'Bäume (木)',
    'e\u0301': 'e\u0301',
    '👩‍🚀 ❤️': '👩‍🚀 ❤️',
  };
  for (const [text, expected] of Object.entries(shown)) t.equal(printable(text), expected, expected);
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const safe = printable(text);
      return (
        safe.isWellFormed() && !/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u.test(safe) && printable(safe) === safe
      );
    }),
  );
  t.end();
});

t.test('columns of a terminal', (t) => {
  const widths = { abc: 3, Bäume: 5, 木: 2, 'e\u0301': 1, '👩‍🚀': 2, '❤️': 2, ﾊﾝ: 2, 한글: 4, '': 0, '🇩🇪': 2, א: 1 };
  for (const [text, expected] of Object.entries(widths)) t.equal(displayWidth(text), expected, text);
  t.strictSame(
    alignColumns([
      ['木木', 'x'],
      ['a', 'y'],
      ['e\u0301e\u0301', 'z'],
    ]),
    ['木木  x', 'a     y', 'e\u0301e\u0301    z'],
  );
  t.strictSame(
    alignColumns([
      ['a\nb', 'x'],
      ['a', 'y'],
    ]),
    ['a\\nb  x', 'a     y'],
    'escapes are counted as they are shown',
  );
  const long = '木'.repeat(40);
  for (const width of [0, 1, 20, 30, 60]) {
    const [row] = fitColumns([[long, 'x']], [0], width);
    t.ok(displayWidth(row?.[0] ?? '') <= Math.max(12, width - 3), `fits into ${width}`);
  }
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 3, max: 40 }), (text, most) =>
      displayWidth(text) <= most ? shortened(text, most) === text : displayWidth(shortened(text, most)) <= most,
    ),
  );
  t.end();
});

t.test('terminals that do not know their width, and dumb ones', (t) => {
  t.equal(terminalWidth({ isTTY: true, columns: 0 }, {}), undefined);
  t.equal(terminalWidth({ isTTY: true, columns: 0 }, { COLUMNS: '0' }), undefined);
  t.equal(lineWidth({ columns: 0 }), 80);
  t.equal(lineWidth({}), 80);
  t.equal(lineWidth({ columns: 20 }), 20);
  const write = (): void => {};
  t.equal(progressMode('auto', false, { isTTY: true, write }, { TERM: 'xterm' }), 'tty');
  t.equal(progressMode('auto', false, { isTTY: true, write }, { TERM: 'dumb' }), 'log');
  t.equal(progressMode('tty', false, { isTTY: true, write }, { TERM: 'dumb' }), 'tty', 'whoever asks for it gets it');
  for (const columns of [1, 2, 10, 59, 200])
    t.ok(displayWidth(barText(new ProgressState(), columns)) <= Math.max(1, columns - 1), `a bar in ${columns}`);
  t.end();
});

t.test('a line of an error is one that can be read', (t) => {
  const huge = 'x'.repeat(500_000);
  const many = Array.from({ length: 100_000 }, (_, i) => `layer${i}`);
  const errors = [
    new ExrError('usage', 'X', `nothing is called "${huge}"`, {
      hint: `Known: ${many.join(', ')}.`,
      where: { file: huge },
    }),
    new ExrError('invalid', 'X', 'bad', { where: { attribute: huge } }),
    new ExrError('invalid', 'X', many.join(' ')),
    new ExrError('invalid', 'X', '木'.repeat(500_000)),
    new Error(huge),
    withPlace(Object.assign(new Error(`EWHAT: odd, open '${huge}'`), { code: 'EWHAT' }), { file: huge }),
  ];
  for (const error of errors) t.ok(describeError(error).length < 2600, describeError(error).slice(0, 40));
  t.match(describeError(errors[2]), /… \(\d+ more letters\)$/);
  t.match(describeError(errors[0]), /^x+…x+: nothing is called "x+…x+"\. Known: layer0, /);
  t.equal(listed(many), '"layer0", "layer1", "layer2", "layer3", "layer4" and 99995 more');
  t.equal(brief('short'), 'short');
  t.end();
});

t.test('no text of the system comes through', (t) => {
  for (const code of ['EEXIST', 'EROFS', 'ENXIO', 'EBUSY', 'EINVAL', 'ETIMEDOUT', 'ENOTEMPTY']) {
    const error = Object.assign(new Error(`${code}: system words, mkdir 'x'`), { code, syscall: 'mkdir' });
    const text = describeError(withPlace(error, { file: 'x' }));
    t.notMatch(text, /system words|mkdir|[A-Z]{4}/, text);
  }
  t.end();
});

t.test('lines of JSON hold the same values, without what drives a terminal', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const line = jsonLine({ text });
      return JSON.parse(line).text === text && !/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(line.slice(0, -1));
    }),
  );
  t.equal(jsonLine({ name: 'a\u202eb\u009bc' }), '{"name":"a\\u202eb\\u009bc"}\n');
  t.end();
});
