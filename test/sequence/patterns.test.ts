/** Names of frames: patterns, what is found on disk, and which files make one frame. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { type ExrError, isExrError } from '../../lib/index.js';
import { framePath, isFramePattern, otherPaddings, parseFramePath, spellingHint } from '../../lib/io/frame-path.js';
import { renderPath } from '../../lib/io/route.js';
import { findInput, nameMatcher, patternStem } from '../../lib/sequence/find.js';
import { isSequence } from '../../lib/sequence/index.js';
import { type ItemOptions, planItems } from '../../lib/sequence/items.js';
import { temporaryFolder } from '../support.js';

function errorOf(action: () => unknown): ExrError {
  try {
    action();
  } catch (error) {
    if (isExrError(error)) return error;
    throw error;
  }
  throw new Error('an error was expected');
}

/** Empty files: what is in them does not matter here. */
async function touch(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), '');
  }
}

t.test('frames in paths', async (t) => {
  t.equal(framePath('a/shot.####.exr', 7), 'a/shot.0007.exr');
  t.equal(framePath('a/shot.@@.exr', '12345'), 'a/shot.12345.exr');
  t.equal(framePath('shot.%04d.exr', 7), 'shot.0007.exr');
  t.equal(framePath('shot.%d.exr', 7), 'shot.7.exr');
  t.equal(framePath('shot.####.exr', -5), 'shot.-0005.exr', 'the sign takes no digit');
  t.equal(framePath('shot.%04d.exr', -5), 'shot.-005.exr', 'as printf has it');
  t.equal(framePath('shot.{frame}.exr', '007'), 'shot.007.exr', 'as written');
  t.equal(framePath('%V/shot.####.{view}.exr', 1, 'left'), 'left/shot.0001.left.exr');
  t.equal(framePath('me@home/take#2/shot.exr', 1), 'me@home/take#2/shot.exr', 'single marks in folders are names');
  t.equal(framePath('##/shot.#.exr', 3), '03/shot.3.exr');
  t.notOk(isFramePattern('shot.0001.exr'));
  t.notOk(isFramePattern('me@home/shot.exr'));
  t.ok(isFramePattern('shot.{view}.exr'));
  t.equal(errorOf(() => framePath('shot.##.exr', undefined)).code, 'NO_FRAME');
  t.equal(errorOf(() => framePath('shot.%V.exr', 1)).code, 'NO_VIEW');
  t.ok(framePath(`shot.%${'9'.repeat(300)}d.exr`, 1).length < 100, 'a width from outside is bounded');
  t.ok(otherPaddings('donor.####.exr', 7).includes('donor.7.exr'));
  t.notOk(otherPaddings('donor.####.exr', 7).includes('donor.0007.exr'));
  t.same(otherPaddings('donor.exr', 7), []);

  t.equal(renderPath('out/{layer}/####.exr', { layer: '%04d/../x', frame: '12' }), 'out/%04d_.._x/0012.exr');
  t.equal(renderPath('{stem}.%V.exr', { stem: 'a', view: 'left' }), 'a.left.exr');

  // What a pattern makes for a frame, the same pattern finds again.
  const text = fc.stringMatching(/^[a-z_.]{0,6}$/);
  const marks = fc.constantFrom('#', '####', '@@@', '%d', '%04d', '{frame}');
  fc.assert(
    fc.property(text, marks, text, fc.integer({ min: -20000, max: 20000 }), (before, mark, after, frame) => {
      const pattern = `${before}${mark}${after}.exr`;
      const name = framePath(pattern, frame);
      t.equal(nameMatcher(parseFramePath(pattern))(name)?.frame, frame, `${pattern} ${frame}`);
    }),
    { numRuns: 300 },
  );
});

t.test("other programs' ways to write the frame number are told", async (t) => {
  for (const foreign of ['$F4', '$F', '\u0024{F4}', '$FF', '<F4>', '<f>', '<frame>', '<Frame4>', '$frame']) {
    const hint = `The frame number is written ####, @@@@, %04d or {frame}, not ${foreign}.`;
    t.equal(spellingHint(`in/shot.${foreign}.exr`), hint);
    const { code, message } = errorOf(() => renderPath(`out/shot.${foreign}.exr`, { frame: '0001' }));
    t.equal(code, 'UNKNOWN_TOKEN');
    t.match(message, foreign);
  }
  for (const plain of ['shot.exr', 'cost$Food.exr', '<UDIM>.exr', '$F4/shot.####.exr', 'a<b>.exr', 'shot.#.exr'])
    t.equal(spellingHint(plain), undefined, plain);
  t.match(spellingHint('shot.####.%04d.exr'), /^The name has 2 places for the frame number \(####, %04d\)/);
});

t.test('stems', async (t) => {
  t.equal(patternStem('a/shot.####.exr'), 'shot');
  t.equal(patternStem('a/shot.%V.####.exr'), 'shot');
  t.equal(patternStem('a/####_beauty.exr'), 'beauty');
  t.equal(patternStem('a/x.####.beauty.exr'), 'x.beauty');
  t.equal(patternStem('renders/####.exr'), 'renders', 'a name of digits only is called like its folder');
  t.equal(patternStem('####.exr'), 'frame');
});

t.test('what inputs stand for', async (t) => {
  const folder = await temporaryFolder(t);
  const at = (name: string) => join(folder, name);
  await touch(folder, [
    'seq/shot.0001.exr',
    'seq/shot.2.exr',
    'seq/shot.10000.exr',
    'seq/shot.-0003.exr',
    'seq/shot.0004.exr.bak',
    'seq/shot.abc.exr',
    'seq/.hidden.0001.exr',
    'seq/other.0001.exr',
    'seq/plain.exr',
    'seq/notes.txt',
    'left/v.left.01.exr',
    'left/v.right.01.exr',
    'right/v.right.01.exr',
    'right/v.right.02.exr',
    'f1/beauty.exr',
    'f2/beauty.exr',
    'odd [1]{x}.exr',
    'real.####.exr',
    'twice/a.1.exr',
    'twice/a.001.exr',
  ]);
  const found = async (input: string) => (await findInput(input)).map(({ kind, files }) => ({ kind, files }));

  const [pattern] = await found(at('seq/shot.####.exr'));
  t.equal(pattern?.kind, 'pattern');
  t.same(
    pattern?.files.map(({ frame, digits, stem }) => [frame, digits, stem]),
    [
      [-3, '-0003', 'shot'],
      [1, '0001', 'shot'],
      [2, '2', 'shot'],
      [10000, '10000', 'shot'],
    ],
    'mixed padding and negative frames',
  );
  const [views] = await found(at('%V/v.%V.##.exr'));
  t.same(
    views?.files.map(({ path, frame, view }) => [path.slice(folder.length), frame, view]),
    [
      ['/left/v.left.01.exr', 1, 'left'],
      ['/right/v.right.01.exr', 1, 'right'],
      ['/right/v.right.02.exr', 2, 'right'],
    ],
    'a view named twice is the same twice',
  );
  const [folders] = await found(at('f%d/beauty.exr'));
  t.same(
    folders?.files.map(({ frame }) => frame),
    [1, 2],
    'the number may be a folder',
  );
  const listing = await found(at('seq'));
  t.same(
    listing.map(({ kind, files }) => [kind, ...files.map(({ stem, frame }) => `${stem} ${frame}`)]),
    [
      ['listing', 'other 1'],
      ['listing', 'plain undefined'],
      ['listing', 'shot -3', 'shot 1', 'shot 2', 'shot 10000'],
      ['listing', 'shot.abc undefined'],
    ],
    'a folder, by stems',
  );
  t.same(
    (await found(at('*/other.*.exr'))).flatMap(({ files }) => files.map(({ frame }) => frame)),
    [1],
    'a glob',
  );
  t.same(
    (await found(at('s*/shot.####.exr'))).flatMap(({ files }) => files.map(({ frame }) => frame)),
    [-3, 1, 2, 10000],
    'a glob with a place for the frame',
  );
  t.same(
    (await found(at('odd [1]{x}.exr'))).map(({ kind }) => kind),
    ['file'],
    'a name that is there is meant',
  );
  t.same(
    (await found(at('real.####.exr'))).map(({ kind }) => kind),
    ['file'],
  );
  t.same((await found(at('nothing/shot.####.exr')))[0]?.files, []);
  await t.rejects(findInput(at('missing.exr')), { code: 'ENOENT' });
  await t.rejects(findInput(at('twice/a.###.exr')), { code: 'FRAME_TWICE' });

  t.ok(await isSequence([at('seq/shot.####.exr')], []));
  t.ok(await isSequence([at('seq')], []));
  t.ok(await isSequence([at('seq/*.exr')], []));
  t.ok(await isSequence([at('seq/plain.exr'), at('seq/shot.2.exr')], []));
  t.notOk(await isSequence([at('odd [1]{x}.exr')], []));
  t.notOk(await isSequence(['-'], []));
  t.notOk(await isSequence([at('missing.exr')], []), 'left to whoever opens it');
});

t.test('which files make a frame', async (t) => {
  const folder = await temporaryFolder(t);
  await touch(folder, [
    ...['a.0001', 'a.0002', 'a.0004', 'b.0001', 'b.0002', 'b.0003', 'b.0004', 'logo'].map((name) => `${name}.exr`),
    ...['left.1', 'right.1', 'left.2'].map((name) => `st/${name}.exr`),
  ]);
  const plan = async (inputs: readonly string[], options: Partial<ItemOptions>) => {
    const found = (await Promise.all(inputs.map((input) => findInput(join(folder, input))))).flat();
    const { items, missing } = planItems(found, { frames: undefined, missing: 'skip', joins: false, ...options });
    return {
      items: items.map(({ inputs, name }) => {
        const files = inputs.map(({ path, frame }) => `${path.slice(folder.length + 1)}>${frame ?? ''}`);
        return [...files, name].join(' ');
      }),
      missing: missing.map(({ input, view, frames }) => [input.slice(folder.length + 1), view, frames]),
    };
  };
  const both = ['a.####.exr', 'b.####.exr', 'logo.exr'];

  t.same(await plan(['a.####.exr'], {}), {
    items: ['a.0001.exr>0001 a.0001.exr', 'a.0002.exr>0002 a.0002.exr', 'a.0004.exr>0004 a.0004.exr'],
    missing: [['a.####.exr', undefined, '3']],
  });
  t.same(await plan(['a.####.exr'], { frames: [4, 1] }), {
    items: ['a.0004.exr>0004 a.0004.exr', 'a.0001.exr>0001 a.0001.exr'],
    missing: [],
  });
  const held = await plan(['a.####.exr'], { frames: [0, 3, 9], missing: 'hold' });
  t.same(held.items, ['a.0001.exr>0000 a.0000.exr', 'a.0002.exr>0003 a.0003.exr', 'a.0004.exr>0009 a.0009.exr']);
  t.same(held.missing, [['a.####.exr', undefined, '0,3,9']]);
  t.same(await plan(both, { joins: true, frames: [1, 3] }), {
    items: ['a.0001.exr>0001 b.0001.exr>0001 logo.exr>1 a.0001.exr'],
    missing: [['a.####.exr', undefined, '3']],
  });
  t.same(
    (await plan(both, { joins: true, missing: 'hold' })).items[2],
    'a.0002.exr>0003 b.0003.exr>0003 logo.exr>3 a.0003.exr',
  );
  t.same((await plan(['logo.exr', 'a.0001.exr'], {})).items, ['logo.exr> logo.exr', 'a.0001.exr>0001 a.0001.exr']);
  t.same((await plan(['logo.exr', 'a.0001.exr'], { frames: [1] })).items, ['a.0001.exr>0001 a.0001.exr']);
  t.same(
    (await plan(['a.0001.exr', 'b.0002.exr'], { joins: true })).items,
    ['a.0001.exr>0001 b.0002.exr>0002 a.0001.exr'],
    'files that are named belong together whatever their numbers',
  );
  t.same(
    (await plan(['*.exr'], { joins: true, frames: [1, 2] })).items,
    ['a.0001.exr>0001 b.0001.exr>0001 logo.exr>1 a.0001.exr', 'a.0002.exr>0002 b.0002.exr>0002 logo.exr>2 a.0002.exr'],
    'a glob by stems',
  );
  t.same((await plan(['*.exr'], {})).missing, [], 'a listing is taken as it is');
  t.same((await plan(['*.exr'], { frames: [3] })).items, ['b.0003.exr>0003 b.0003.exr']);
  t.same(await plan(['st/%V.#.exr'], {}), {
    items: ['st/left.1.exr>1 left.1.exr', 'st/right.1.exr>1 right.1.exr', 'st/left.2.exr>2 left.2.exr'],
    missing: [['st/%V.#.exr', 'right', '2']],
  });
  const found = await findInput(join(folder, 'a.####.exr'));
  const error = errorOf(() => planItems(found, { frames: undefined, missing: 'fail', joins: false }));
  t.equal(error.code, 'FRAMES_MISSING');
  t.match(error.message, 'a.####.exr: 3');
});
