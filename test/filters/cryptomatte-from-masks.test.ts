import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { compress, cryptomatteFromMasks, drop, layout, matte, rename as renameFilter } from '../../filters/index.js';
import { validateHeader, validatePixels } from '../../lib/cryptomatte/index.js';
import { type FilterStep, openExr, runFrame, runSequence } from '../../lib/index.js';
import { headerSets } from '../../lib/layers/index.js';
import { filterContext } from '../../lib/node/pipeline.js';
import { layer, makeHeader, makePart } from '../cryptomatte/fixtures.js';
import { failure } from './support.js';

const fixtures = fileURLToPath(new URL('../../../test/fixtures/blender/', import.meta.url));
const frame = join(fixtures, 'b2_main_dot.0001.exr');
const names = ['Hero.Head', 'Hero Character', 'Sidekick'];

/** Masks of the frame as PNG, in a folder of their own. */
async function masksIn(t: Test, bits: '8' | '16' = '8'): Promise<string> {
  const folder = t.testdir();
  for (const name of names)
    await runFrame(
      [frame],
      [matte({ name: [name], layer: 'main.CryptoObject', only: true, bits })],
      join(folder, `${name}.0001.png`),
    );
  return folder;
}

/** The PNG of one name as bytes. */
async function maskOf(path: string, set: string, name: string, to: string, bits: '8' | '16' = '8'): Promise<Buffer> {
  await runFrame([path], [matte({ name: [name], layer: set, only: true, bits })], to);
  return readFile(to);
}

async function problems(path: string): Promise<string[]> {
  const document = await openExr(path);
  const { samples } = filterContext(document, {});
  const findings = [...validateHeader(document.header), ...(await validatePixels(document.header, samples))];
  await document.source.close();
  return findings.filter(({ severity }) => severity !== 'info').map(({ rule, message }) => `${rule} ${message}`);
}

for (const bits of ['8', '16'] as const)
  t.test(`masks of ${bits} bits become a Cryptomatte that gives them back`, async (t) => {
    const folder = await masksIn(t, bits);
    const output = join(folder, 'out.exr');
    await runFrame([frame], [cryptomatteFromMasks({ mask: [join(folder, '{name}.####.png')] })], output);
    t.strictSame(await problems(output), await problems(frame), 'nothing is wrong that was not before');
    for (const name of names)
      t.ok(
        (await maskOf(output, 'main.CryptoMask', name, join(folder, 'again.png'), bits)).equals(
          await readFile(join(folder, `${name}.0001.png`)),
        ),
        name,
      );
  });

t.test('it fits any kind of file, and any step may follow', async (t) => {
  const folder = await masksIn(t);
  const step = cryptomatteFromMasks({ mask: [join(folder, '{name}.0001.png')], as: 'RotoMasks', layers: 4 });
  const chains: Record<string, FilterStep[]> = {
    piz: [step, compress({ to: 'piz' })],
    none: [compress({ to: 'none' }), step],
    parts: [layout({ to: 'parts' }), step],
    renamed: [step, renameFilter({ map: ['RotoMasks=CryptoRoto'] })],
    alone: [step, drop({ layer: ['main.*'] })],
  };
  for (const [kind, steps] of Object.entries(chains)) {
    const output = join(folder, `${kind}.exr`);
    await runFrame([frame], steps, output);
    const document = await openExr(output);
    const set = headerSets(document.header).find(({ name }) => name === 'RotoMasks' || name === 'CryptoRoto');
    await document.source.close();
    t.equal(set?.layers.length, 4, kind);
    const again = await maskOf(output, set?.name ?? '', 'Sidekick', join(folder, 'again.png'));
    t.ok(again.equals(await readFile(join(folder, 'Sidekick.0001.png'))), kind);
  }
});

t.test('masks may be EXR files, and channels of the frame', async (t) => {
  const folder = t.testdir();
  await runFrame(
    [frame],
    [matte({ name: ['Sidekick'], layer: 'main.CryptoObject', only: true })],
    join(folder, 'm.exr'),
  );
  const output = join(folder, 'out.exr');
  const steps = [
    matte({ name: ['Hero*'], layer: 'main.CryptoObject', as: 'mattes.{name}' }),
    cryptomatteFromMasks({
      mask: [`Side=${join(folder, 'm.exr')}`],
      fromChannels: ['mattes.{name}'],
      as: 'RotoMasks',
    }),
    drop({ layer: ['mattes'] }),
  ];
  await runFrame([frame], steps, output);
  for (const [now, then] of [
    ['Side', 'Sidekick'],
    ['Hero Character', 'Hero Character'],
  ] as const) {
    const again = await maskOf(output, 'RotoMasks', now, join(folder, 'a.png'), '16');
    t.ok(again.equals(await maskOf(frame, 'main.CryptoObject', then, join(folder, 'b.png'), '16')), now);
  }
});

t.test('a shot has the masks of each frame', async (t) => {
  const folder = await masksIn(t);
  await mkdir(join(folder, 'in'));
  for (const number of ['0001', '0002']) await writeFile(join(folder, 'in', `s.${number}.exr`), await readFile(frame));
  for (const name of names) {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, 'm.0002.png'), await readFile(join(folder, `${name}.0001.png`)));
    await rename(join(folder, `${name}.0001.png`), join(folder, name, 'm.0001.png'));
  }
  const mask = [join(folder, '{name}', 'm.####.png')];
  const summary = await runSequence({
    inputs: [join(folder, 'in', 's.####.exr')],
    steps: [cryptomatteFromMasks({ mask })],
    output: join(folder, 'out', 's.####.exr'),
  });
  t.equal(summary.done, 2);
  for (const number of ['0001', '0002']) {
    const document = await openExr(join(folder, 'out', `s.${number}.exr`));
    t.ok(headerSets(document.header).some(({ name }) => name === 'main.CryptoMask'));
    await document.source.close();
  }
});

t.test('a mask beyond the data window makes it grow', async (t) => {
  const folder = await masksIn(t);
  const plain = makePart(layer('', 'RGBA'));
  t.ok(plain);
  const document = await openExr(frame);
  const [part] = document.header.parts;
  await document.source.close();
  const cropped = { xMin: 0, yMin: 0, xMax: 3, yMax: 3 };
  const crop: FilterStep = {
    filter: 'crop',
    options: {},
    joins: false,
    header: async (header) => ({ ...header, parts: header.parts.map((own) => ({ ...own, dataWindow: cropped })) }),
  };
  const small = join(folder, 'small.exr');
  await runFrame([frame], [crop], small);
  const output = join(folder, 'out.exr');
  await runFrame([small], [cryptomatteFromMasks({ mask: [join(folder, '{name}.0001.png')], as: 'RotoMasks' })], output);
  const grown = await openExr(output);
  const window = grown.header.parts[0]?.dataWindow;
  await grown.source.close();
  t.ok((window?.xMax ?? 0) > 3 && (window?.xMax ?? 0) <= (part?.displayWindow.xMax ?? 0));
  const again = await maskOf(output, 'RotoMasks', 'Sidekick', join(folder, 'again.png'));
  t.ok(again.equals(await readFile(join(folder, 'Sidekick.0001.png'))));
});

t.test('what cannot be is refused', async (t) => {
  const folder = await masksIn(t);
  const file = join(folder, 'Sidekick.0001.png');
  const code = async (options: Parameters<typeof cryptomatteFromMasks>[0]): Promise<string> => {
    try {
      await runFrame([frame], [cryptomatteFromMasks(options)], join(folder, 'out.exr'));
      return 'none';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  t.equal(await code({ mask: [`a=${file}`, `b=${file}`] }), 'MASKS_OVERFULL');
  t.equal(await code({ mask: [`a=${file}`, `b=${file}`], normalise: true }), 'none');
  t.equal(await code({ mask: [`a=${file}`, `a=${file}`] }), 'NAME_TWICE');
  t.equal(await code({ mask: [`a=${file}`, `b=${file}`], normalise: true, layers: 1 }), 'none');
  t.equal(await code({ mask: [file], as: 'main.CryptoObject' }), 'SET_EXISTS');
  t.equal(await code({ mask: [join(folder, 'nothing{name}.png')] }), 'NO_FILES');
  t.equal(await code({ mask: [join(folder, '{name}{name}.png')] }), 'BAD_PATTERN');
  t.equal(await code({ mask: [`a=${frame}`] }), 'WHICH_CHANNEL');
  t.equal(await code({ mask: [`a=${file}`], channel: 'R' }), 'WHICH_CHANNEL');
  t.equal(await code({ fromChannels: ['nothing.{name}'] }), 'NO_SUCH_CHANNEL');
  t.equal(await code({ fromChannels: ['main.Combined.R'] }), 'BAD_PATTERN');
  await writeFile(join(folder, 'text.png'), 'no image');
  t.not(await code({ mask: [`a=${join(folder, 'text.png')}`] }), 'none');
  t.throws(() => cryptomatteFromMasks({}), { code: 'NOTHING_ASKED' });
  t.throws(() => cryptomatteFromMasks({ mask: ['a'], as: 'x1' }), { code: 'BAD_NAMES' });
  t.throws(() => cryptomatteFromMasks({ mask: ['a'], as: '' }), { code: 'BAD_NAMES' });
  t.throws(() => cryptomatteFromMasks({ mask: ['a'], layers: 13 }), { code: 'BAD_OPTION' });
  const header = makeHeader(makePart(layer('', 'RGBA')));
  await t.rejects(failure(cryptomatteFromMasks({ mask: ['=x.png'] }), header));
});
