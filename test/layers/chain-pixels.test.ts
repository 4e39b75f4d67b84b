/** Chains over small real files, with their pixels: every plane arrives as it was, in one process and on a pipe. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import t, { type Test } from 'tap';
import { compress, convert, drop, merge, rename, split } from '../../filters/index.js';
import { readManifest } from '../../lib/cryptomatte/index.js';
import { type FilterStep, isExrError, openExr, runFrame } from '../../lib/index.js';
import { headerSets } from '../../lib/layers/index.js';
import { fixturePath, memorySink, pixelDigests, temporaryFolder } from '../support.js';

const files = [
  'cases/01_nuke_parts.exr',
  'cases/02_vray_parts.exr',
  'cases/oiio_multipart_ranks.exr',
  'blend/panel.0001.exr',
  'blender/b1_direct_half.0001.exr',
  'blender/b5_direct_FG_elements.0001.exr',
];

const chains: Readonly<Record<string, readonly FilterStep[]>> = {
  'merge, split': [merge({ onClash: 'prefix' }), split({ by: 'layer' })],
  'split, merge': [split({ by: 'layer' }), merge({})],
  'rename, piz, split': [rename({ regex: ['s/crypto/Hero/i'] }), compress({ to: 'piz' }), split({ by: 'part' })],
  'prefix, strip, zip': [rename({ addPrefix: 'shot.' }), rename({ stripPrefix: ['shot.'] }), compress({ to: 'zip' })],
  'parts, single': [merge({ as: 'parts' }), merge({ onClash: 'prefix' })],
  'drop, parts': [drop({ layer: ['*Depth*', 'Z'] }), merge({ as: 'parts' })],
};

async function written(folder: string, name: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

/** The file after some steps; undefined where they are refused. */
async function after(input: string | Readable, steps: readonly FilterStep[]): Promise<Uint8Array | undefined> {
  const sink = memorySink();
  try {
    await runFrame([input], steps, sink);
    return sink.bytes();
  } catch (error) {
    if (isExrError(error)) return undefined;
    throw error;
  }
}

/** Pixels without the number of their part and their name. */
function planes(digests: readonly string[]): string[] {
  return digests.map((line) => line.split('\t').at(-1) ?? '').sort();
}

/** The names of each Cryptomatte and the pixels of its ranks, in their order. */
async function cryptomattes(path: string): Promise<string[]> {
  const { header, source } = await openExr(path);
  await source.close();
  const digests = new Map((await pixelDigests(path)).map((line) => [line.slice(0, line.lastIndexOf('\t')), line]));
  return headerSets(header).flatMap(({ layers, manifest }) => {
    const ranks = layers.map(({ part, slots }) =>
      Object.entries(slots)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, channel]) => digests.get(`${part}\t${channel.name}`)?.split('\t').at(-1)),
    );
    const names = manifest ? [...readManifest(manifest).names].sort() : [];
    return ranks.length === 0 ? [] : [JSON.stringify([ranks, names])];
  });
}

async function check(t: Test, file: string, steps: readonly FilterStep[]): Promise<void> {
  const folder = await temporaryFolder(t);
  const source = fixturePath(file);
  const chain = await after(Readable.from([await readFile(source)]), steps);
  let pipe: Uint8Array | undefined = await readFile(source);
  for (const step of steps) pipe = pipe && (await after(Readable.from([pipe]), [step]));
  t.equal(pipe === undefined, chain === undefined, 'refused in both ways or in none');
  if (!chain || !pipe) return;
  const [one, other] = [await written(folder, 'chain.exr', chain), await written(folder, 'pipe.exr', pipe)];
  const digests = await pixelDigests(one);
  t.same(await pixelDigests(other), digests, 'the same channels and pixels on a pipe');
  const before = planes(await pixelDigests(source));
  const left = planes(digests);
  t.ok(left.length > 0 && left.every((digest) => before.includes(digest)), 'no pixel has changed');
  const known = await cryptomattes(source);
  t.ok(
    (await cryptomattes(one)).every((set) => known.includes(set)),
    'every Cryptomatte has the names and ranks it had',
  );
  t.equal((await cryptomattes(one)).length, known.length, 'and none is missing');
}

for (const file of files)
  t.test(`${file}: chains keep pixels and names`, async (t) => {
    for (const [name, steps] of Object.entries(chains))
      await t.test(name, async (t) => {
        await check(t, file, steps);
      });
  });

t.test('whatever came before, IDs arrive whole or the run is refused', async (t) => {
  const hide = rename({ regex: ['s/crypto/x/i', 's/asset|object|material/y/i'] });
  const finishes: FilterStep[][] = [
    [convert({ to: 'half', only: ['*'] })],
    [compress({ to: 'pxr24' })],
    [compress({ to: 'b44' })],
  ];
  for (const file of files)
    for (const finish of finishes) {
      const folder = await temporaryFolder(t);
      const source = fixturePath(file);
      const ranks = (await cryptomattes(source)).flatMap((set) => (JSON.parse(set) as [string[][]])[0].flat());
      const bytes = await after(source, [hide, ...finish]);
      if (!bytes) continue;
      const left = planes(await pixelDigests(await written(folder, 'out.exr', bytes)));
      t.ok(
        ranks.every((digest) => left.includes(digest)),
        `${file}: ${finish.map(({ filter }) => filter).join()}`,
      );
    }
});
