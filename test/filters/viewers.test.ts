import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import t from 'tap';
import { matte, pick, rename, split } from '../../filters/index.js';
import { viewerImages } from '../../filters/shared/viewers.js';
import { openExr, runFrame } from '../../lib/index.js';
import { placesOf } from '../../lib/layers/index.js';
import { filterContext } from '../../lib/node/pipeline.js';
import { layer, makeHeader, makePart } from '../cryptomatte/fixtures.js';
import { readPng } from '../look/read-png.js';
import { failure, run } from './support.js';

const frame = fileURLToPath(new URL('../../../test/fixtures/blender/b2_main_dot.0001.exr', import.meta.url));
const named = (header: { parts: readonly { name: string | undefined; channels: readonly { name: string }[] }[] }) =>
  header.parts.map(({ name, channels }) => `${name}: ${channels.map((channel) => channel.name).join(' ')}`);

t.test('each layer is an image of its own, under the names that viewers know', async (t) => {
  const header = makeHeader(
    makePart([
      ...layer('a.Combined', 'RGBA'),
      ...layer('a.lower', 'rgb'),
      ...layer('a.word', ['red', 'green', 'blue', 'alpha']),
      ...layer('a.Normal', 'XYZ'),
      ...layer('a.Vector', 'XYZW'),
      ...layer('a.UV', 'UV'),
      ...layer('a.Depth', 'Z'),
      ...layer('a.odd', ['p', 'q']),
      ...layer('a.both', ['R', 'G', 'B', 'mask']),
      { name: 'R' },
      { name: 'G' },
      { name: 'B' },
      { name: 'Z' },
    ]),
  );
  t.same(named((await run(split({ as: 'viewers' }), header)).header).sort(), [
    'Z: Y',
    'a.Combined: A B G R',
    'a.Depth: Y',
    'a.Normal: B G R',
    'a.UV: B G R',
    'a.Vector: A B G R',
    'a.both.mask: Y',
    'a.both: B G R',
    'a.lower: B G R',
    'a.odd.p: Y',
    'a.odd.q: Y',
    'a.word: A B G R',
    'root: B G R',
  ]);
});

t.test('one type, the display window, a codec that all have, no Cryptomattes', async (t) => {
  const displayWindow = { xMin: 0, yMin: 0, xMax: 15, yMax: 15 };
  const header = makeHeader(
    makePart(
      [
        { name: 'R', type: 'half' },
        { name: 'G', type: 'half' },
        { name: 'B', type: 'half' },
        { name: 'A', type: 'float' },
        { name: 'id', type: 'uint' },
        ...layer('c.half', 'RGB', 'half'),
        ...layer('CryptoObject00', 'rgba'),
      ],
      { 'cryptomatte/1234567/name': 'CryptoObject' },
      { displayWindow, compression: 'dwaa' },
    ),
  );
  const { header: made, codes } = await run(split({ as: 'viewers' }), header);
  t.same(codes, ['CRYPTOMATTE_DROPPED']);
  t.same(made.parts.map(({ name, channels }) => [name, [...new Set(channels.map(({ type }) => type))].join()]).sort(), [
    ['c.half', 'half'],
    ['id', 'float'],
    ['root', 'float'],
  ]);
  for (const part of made.parts) {
    t.same(part.dataWindow, displayWindow);
    t.equal(part.compression, 'zip');
    t.notOk(part.attributes.has('cryptomatte/1234567/name'));
  }
  const only = makeHeader(makePart(layer('CryptoObject00', 'rgba'), { 'cryptomatte/1234567/name': 'CryptoObject' }));
  t.equal((await failure(split({ as: 'viewers' }), only)).code, 'NOTHING_LEFT');
});

t.test('no channel is lost or shown twice, whatever the names', async (t) => {
  const component = fc.constantFrom(
    'R',
    'r',
    'red',
    'G',
    'g',
    'B',
    'b',
    'blue',
    'A',
    'X',
    'y',
    'Y',
    'Z',
    'U',
    'V',
    'W',
    'RY',
    'BY',
    'x',
  );
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.uniqueArray(component, { minLength: 1, maxLength: 12 }), (components) => {
        const places = [...placesOf(makeHeader(makePart(layer('l', components)))).values()];
        const images = viewerImages(places);
        const shown = images.flatMap(({ channels }) => channels.map(({ channel }) => channel));
        if (new Set(shown).size !== shown.length || shown.length !== places.length) throw new Error('lost or twice');
        for (const { channels, zeros } of images) {
          const names = [...channels.map(({ name }) => name), ...zeros].sort().join(' ');
          if (!/^(Y|A Y|((A )?B G R)|(A )?(BY )?(RY )?Y)$/.test(names)) throw new Error(names);
        }
      }),
    ),
  );
});

t.test('the pixels are those of the layer, and zeros are zero', async (t) => {
  const folder = t.testdir();
  await runFrame([frame], [split({ as: 'viewers' })], join(folder, '{layer}.exr'));
  const planes = async (path: string, name: string): Promise<number[]> => {
    const document = await openExr(path);
    const values: number[] = [];
    const [part] = document.header.parts;
    if (part)
      for await (const { samples } of filterContext(document, {}).samples(part, [name]))
        values.push(...(samples[0] ?? []));
    await document.source.close();
    return values;
  };
  t.same(await planes(join(folder, 'main.Combined.exr'), 'G'), await planes(frame, 'main.Combined.G'));
  t.same(
    await planes(join(folder, 'main.Depth.exr'), 'Y'),
    await planes(frame, 'main.Depth.V').catch(() => planes(frame, 'main.Depth.Z')),
  );
});

t.test('rename does the names only', async (t) => {
  const steps = [pick({ layer: ['a.Normal'] }), rename({ preset: 'viewers' })] as const;
  const header = makeHeader(makePart([...layer('a.Normal', 'XYZ'), ...layer('a.Depth', 'Z')]));
  const picked = (await run(steps[0], header)).header;
  t.same(named((await run(steps[1], picked)).header), ['undefined: B G R']);
  t.equal(
    (await failure(rename({ preset: 'viewers' }), makeHeader(makePart([...layer('a', 'RGB'), ...layer('b', 'RGB')]))))
      .code,
    'BAD_NAMES',
  );
  t.throws(() => rename({ preset: 'nuke', fromPreset: 'viewers' }));
});

t.test('a matte is a grey PNG of the display window, rounded to the nearest', async (t) => {
  const folder = t.testdir();
  const step = (bits: '8' | '16') => matte({ name: ['Hero*'], layer: 'main.CryptoObject', only: true, bits });
  await runFrame([frame], [step('8')], join(folder, 'm.exr'));
  const document = await openExr(join(folder, 'm.exr'));
  const values: number[] = [];
  const [part] = document.header.parts;
  if (part)
    for await (const { samples } of filterContext(document, {}).samples(part, ['Y']))
      values.push(...(samples[0] ?? []));
  await document.source.close();
  for (const bits of ['8', '16'] as const) {
    await runFrame([frame], [step(bits)], join(folder, 'm.png'));
    const { width, height, depth, colour, rows } = readPng(await readFile(join(folder, 'm.png')));
    t.same([depth, colour, width * height], [Number(bits), 0, values.length]);
    const found = rows.flatMap((row) =>
      bits === '8'
        ? [...row]
        : Array.from({ length: row.length / 2 }, (_, at) => ((row[at * 2] ?? 0) << 8) | (row[at * 2 + 1] ?? 0)),
    );
    t.same(
      found,
      values.map((value) => Math.round(value * (bits === '8' ? 255 : 65_535))),
    );
  }
  await t.rejects(runFrame([frame], [], join(folder, 'all.png')), { code: 'PNG_CHANNELS' });
});
