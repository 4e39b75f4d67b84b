/** `matte --as '{name}'`: a channel for each name, and patterns that fit nothing. */

import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { matte } from '../../filters/matte.js';
import { channelNames } from '../../filters/shared/name-patterns.js';
import { storedManifest } from '../../lib/cryptomatte/index.js';
import { defaultLimits } from '../../lib/format/index.js';
import { openExr, readSamples, runFrame } from '../../lib/index.js';
import { headerSets, nameProblem } from '../../lib/layers/index.js';
import { layer, makeHeader, makePart, setStrings } from '../cryptomatte/fixtures.js';
import { fixturePath, temporaryFolder } from '../support.js';
import { failure, run } from './support.js';

const frame = fixturePath('blender/b2_main_dot.0001.exr');
const set = 'main.CryptoObject';

async function read(path: string, channel: string): Promise<number[]> {
  const document = await openExr(path);
  const values: number[] = [];
  const part = document.header.parts.find(({ channels }) => channels.some(({ name }) => name === channel));
  if (part) for await (const { samples } of readSamples(document, part, [channel])) values.push(...(samples[0] ?? []));
  await document.source.close();
  return values;
}

t.test('each name gets the matte that it has by itself', async (t) => {
  const folder = await temporaryFolder(t);
  const { header, source } = await openExr(frame);
  await source.close();
  const found = headerSets(header).find(({ name }) => name === set);
  const names = [...storedManifest(found?.manifest ?? new Uint8Array()).names.keys()];
  const all = join(folder, 'all.exr');
  await runFrame([frame], [matte({ name: ['*'], layer: set, as: 'mattes.{name}' })], all);
  const only = join(folder, 'only.exr');
  await runFrame([frame], [matte({ name: ['*'], layer: set, as: '{name}', only: true })], only);
  const single = await openExr(only);
  await single.source.close();
  t.same(single.header.parts.length, 1);
  for (const name of names) {
    const one = join(folder, 'one.exr');
    await runFrame([frame], [matte({ name: [name], layer: set, as: 'matte' })], one);
    const plain = name.replaceAll('.', '_');
    const expected = await read(one, 'matte');
    t.ok(expected.length > 0);
    t.same(await read(all, `mattes.${plain}`), expected, name);
    t.same(await read(only, plain), expected, `${name}, only`);
  }
});

t.test('in a file of several parts they share one', async (t) => {
  const names = '{"a":"00000011","b.c":"00000022","b_c":"00000033"}';
  const parts = [
    makePart([{ name: 'R' }], setStrings('1234567', 'Crypto', names), { number: 0 }),
    makePart(layer('Crypto00', 'rgba'), {}, { number: 1 }),
  ].map((part, number) => ({ ...part, name: `p${number}` }));
  const { header, notices } = await run(matte({ name: ['*'], as: '{name}' }), makeHeader(...parts));
  t.same(
    header.parts.map(({ name, channels }) => [name, channels.map((channel) => channel.name)]),
    [
      ['p0', ['R']],
      ['p1', ['Crypto00.a', 'Crypto00.b', 'Crypto00.g', 'Crypto00.r']],
      ['mattes', ['a', 'b_c', 'b_c_2']],
    ],
  );
  t.match(notices, [{ code: 'MATTE', message: /^"a", "b_c", "b_c_2" are the coverage of 3 names of "Crypto"/ }]);
});

t.test('a pattern that fits nothing is a warning beside one that does, and an error alone', async (t) => {
  const header = makeHeader(
    makePart(layer('Crypto00', 'rgba'), setStrings('1234567', 'Crypto', '{"Hero":"00000011","Dog":"00000022"}')),
  );
  const { notices } = await run(matte({ name: ['Hero', 'Doog', '/^x/'] }), header);
  t.match(
    notices.filter(({ level }) => level === 'warning'),
    [{ code: 'NO_MATCH', message: 'no name of "Crypto" fits "Doog", "/^x/"; did you mean "Dog"?' }],
  );
  t.equal((await failure(matte({ name: ['Doog'] }), header)).code, 'NO_SUCH_NAME');
});

t.test('more names than a part has channels are refused', async (t) => {
  const names = Array.from(
    { length: defaultLimits.channelsPerPart + 1 },
    (_, number) => `"n${number}":"00001${number}"`,
  );
  const header = makeHeader(makePart(layer('Crypto00', 'rgba'), setStrings('1234567', 'Crypto', `{${names}}`)));
  t.match(await failure(matte({ name: ['*'], as: '{name}' }), header), { kind: 'limit', limit: 'channelsPerPart' });
});

t.test('whatever names are, channels get names of their own that files may have', (t) => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string({ unit: 'binary', maxLength: 40 }), { maxLength: 20 }), (names) => {
      const channels = channelNames('m.{name}', names);
      if (new Set(channels.values()).size !== names.length) return false;
      return [...channels.values()].every((name) => nameProblem(name) === undefined && name.split('.').length === 2);
    }),
  );
  t.end();
});
