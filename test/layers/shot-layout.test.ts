import fc from 'fast-check';
import t from 'tap';
import { SequenceCheck } from '../../lib/cryptomatte/rules/sequence.js';
import { layoutRules } from '../../lib/cryptomatte/rules/shot-layout.js';
import { validateSequence } from '../../lib/cryptomatte/validate.js';
import { ShotLayout } from '../../lib/layers/shot-layout.js';
import type { Header, Part } from '../../lib/model/header.js';
import { layer, makeHeader, makePart } from '../cryptomatte/fixtures.js';

const beauty = layer('Combined', 'RGBA', 'half');

function textsOf(frames: readonly (readonly [number, Header])[]): string[] {
  const layout = new ShotLayout();
  for (const [frame, header] of frames) layout.add(frame, header);
  return layout.changes().map(({ subject, text }) => `${subject}: ${text}`);
}

t.test('a depth that has other channels and another type in one frame', async (t) => {
  const first = makeHeader(makePart([...beauty, ...layer('Depth', 'RGBA', 'half')]));
  const usual = makeHeader(makePart([...beauty, ...layer('Depth', 'V')]));
  t.same(textsOf([1, 2, 3, 5].map((frame) => [frame, frame === 1 ? first : usual])), [
    'layers: layer "Depth" has A B G R in frame 1, V in frames 2-3,5',
    'types: layer "Depth" is half in frame 1, float in frames 2-3,5',
  ]);
});

t.test('layers that come and go together share a line', async (t) => {
  const whole = makeHeader(makePart([...beauty, ...layer('Mist', 'Z'), ...layer('Normal', 'XYZ')]));
  const less = makeHeader(makePart(beauty));
  t.same(
    textsOf([
      [1, whole],
      [2, less],
      [3, less],
    ]),
    ['layers: layers "Mist", "Normal" are missing in frames 2-3, there in frame 1'],
  );
  t.same(
    textsOf([
      [1, whole],
      [2, whole],
    ]),
    [],
    'nothing is said of what does not change',
  );
});

t.test('a codec is named once for the file, and loss counts as such', async (t) => {
  const stored = (compression: 'zip' | 'zips' | 'dwaa') =>
    makeHeader(makePart([...layer('Combined', 'RGB', 'half'), ...layer('Depth', 'V')], {}, { compression }));
  t.same(
    textsOf([
      [1, stored('zip')],
      [2, stored('zips')],
    ]),
    ['codec: the codec is zip in frame 1, zips in frame 2'],
  );
  t.same(
    textsOf([
      [1, stored('zip')],
      [2, stored('dwaa')],
    ]),
    ['loss: the codec is zip in frame 1, dwaa (lossy) in frame 2'],
  );
});

t.test('windows: data windows that follow what is seen are counted', async (t) => {
  const of = (xMax: number, display = 7) =>
    makeHeader(
      makePart(
        beauty,
        {},
        {
          dataWindow: { xMin: 0, yMin: 0, xMax, yMax: 7 },
          displayWindow: { xMin: 0, yMin: 0, xMax: display, yMax: 7 },
        },
      ),
    );
  t.same(textsOf(Array.from({ length: 7 }, (_, at) => [at + 1, of(at)] as const)), [
    'data window: the data window has 7 values over 7 frames, such as 1 x 8 at 0, 0 in frame 1, 2 x 8 at 0, 0 in frame 2',
  ]);
  t.same(
    textsOf([
      [1, of(7)],
      [2, of(7, 15)],
    ]),
    ['display window: the display window is 8 x 8 at 0, 0 in frame 1, 16 x 8 at 0, 0 in frame 2'],
  );
});

t.test('each change breaks one rule, with a command where one helps', async (t) => {
  const layout = new ShotLayout();
  const tiles = { width: 64, height: 64, levels: 'one', rounding: 'down' } as const;
  layout.add(1, makeHeader(makePart([...beauty, ...layer('Depth', 'V', 'half')], {}, { compression: 'zips' })));
  const part = makePart([...beauty, ...layer('Depth', 'V')], {}, { type: 'tiledimage', tiles });
  for (const frame of [2, 3]) layout.add(frame, makeHeader(part));
  t.match(validateSequence(new SequenceCheck(), { layout }), [
    { rule: 'CM-H02', severity: 'warning', command: 'convert --to float --only Depth' },
    { rule: 'CM-H04', severity: 'info', command: 'compress --to zip' },
    { rule: 'CM-H04', severity: 'info', command: undefined, fixedBy: 'nothing needed' },
  ]);
  t.same(validateSequence(new SequenceCheck(), {}), [], 'a shot of which the layout is not known');
});

t.test('every rule has a change that breaks it', async (t) => {
  const usual = makePart([...beauty, ...layer('Depth', 'V')]);
  const other: Readonly<Record<string, Part>> = {
    'CM-H01': makePart(beauty),
    'CM-H02': makePart([...beauty, ...layer('Depth', 'V', 'half')]),
    'CM-H03': { ...usual, compression: 'dwaa' },
    'CM-H04': { ...usual, compression: 'piz' },
    'CM-H05': { ...usual, displayWindow: { ...usual.displayWindow, xMax: usual.displayWindow.xMax + 8 } },
    'CM-H06': { ...usual, dataWindow: { ...usual.dataWindow, xMax: usual.dataWindow.xMax - 1 } },
  };
  t.same(
    Object.keys(other),
    layoutRules.map(({ id }) => id),
  );
  for (const [rule, part] of Object.entries(other)) {
    const layout = new ShotLayout();
    layout.add(1, makeHeader(usual));
    layout.add(2, makeHeader(part));
    t.same(
      validateSequence(new SequenceCheck(), { layout }).map((finding) => finding.rule),
      [rule],
    );
  }
});

t.test('every subject has a rule', async (t) => {
  const subjects = layoutRules.flatMap((rule) => rule.subjects);
  t.equal(new Set(subjects).size, subjects.length);
  t.equal(subjects.length, 7);
});

t.test('whatever frames have, the first form that differs is reported, and equal frames never are', async () => {
  const forms = [
    makeHeader(makePart(beauty)),
    makeHeader(makePart(layer('Combined', 'RGB', 'half'))),
    makeHeader(makePart(layer('Combined', 'RGBA', 'float'))),
    makeHeader(makePart(beauty, {}, { compression: 'piz' })),
  ];
  fc.assert(
    fc.property(fc.array(fc.nat(forms.length - 1), { minLength: 1, maxLength: 30 }), (picks) => {
      const texts = textsOf(picks.map((pick, at) => [at + 1, forms[pick] as Header]));
      return texts.length > 0 === new Set(picks).size > 1;
    }),
  );
});
