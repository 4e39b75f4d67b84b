/** The numbered examples do on real frames what they say. */
import { copyFile, readdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { runAChain } from '../../examples/01-run-a-chain.js';
import { splitCryptomattes } from '../../examples/02-node-streams.js';
import { countNames } from '../../examples/03-read-headers.js';
import { addLuminance } from '../../examples/04-your-own-filter.js';
import { compressWithin } from '../../examples/05-abort-and-errors.js';
import { noteDepthRange } from '../../examples/06-read-pixels.js';
import { deliver } from '../../examples/07-deliver-cryptomattes.js';
import { deliverShot } from '../../examples/08-run-a-sequence.js';
import { validateHeader, validatePixels } from '../../lib/cryptomatte/index.js';
import { parseAttribute } from '../../lib/format/index.js';
import { openExr, readExrHeader } from '../../lib/index.js';
import { cryptomatteSets, programs } from '../../lib/layers/index.js';
import { readSamples } from '../../lib/node/pipeline.js';

const project = new URL('../../../', import.meta.url);
const frames = fileURLToPath(new URL('../../../test/fixtures/blender/', import.meta.url));
const sound = `${frames}b2_main_dot.0001.exr`;
const lost = `${frames}b3_lost_sepcomb.0001.exr`;

/** All samples of some channels of a file's first part, one array for each channel. */
async function samplesOf(file: string, channels: readonly string[]): Promise<number[][]> {
  const document = await openExr(file);
  const [part] = document.header.parts;
  if (!part) throw new Error('the file has a part');
  const found = channels.map((): number[] => []);
  try {
    for await (const { samples } of readSamples(document, part, channels))
      for (const [index, own] of samples.entries()) found[index]?.push(...own);
  } finally {
    await document.source.close();
  }
  return found;
}

t.test('01 run a chain', async (t) => {
  const output = `${t.testdir()}/out.exr`;
  t.match(await runAChain(sound, output), /out\.exr: \w+ \(.+\)$/);
  const names = (await readExrHeader(output)).parts.flatMap(({ channels }) => channels.map(({ name }) => name));
  t.ok(names.includes('hero.Combined.R'));
  t.notOk(names.some((name) => name.includes('Depth')));
});

t.test('02 Node streams', async (t) => {
  const folder = t.testdir();
  const files = await splitCryptomattes(`${folder}/{stem}_{layer}.{frame}.exr`, [sound, lost]);
  t.equal(files.length, 6);
  t.strictSame((await readdir(folder)).sort(), files.map((file) => basename(file)).sort());
  t.ok(files.some((file) => basename(file) === 'b2_main_dot_main.CryptoObject.0001.exr'));
});

t.test('03 read headers', async (t) => {
  const found = await countNames([sound, lost]);
  t.strictSame(found.get(sound), { 'main.CryptoMaterial': 12, 'main.CryptoObject': 6, 'main.CryptoAsset': 3 });
  t.strictSame(found.get(lost), {
    'main.CryptoMaterial': 'lost',
    'main.CryptoObject': 'lost',
    'main.CryptoAsset': 'lost',
  });
});

t.test('04 your own filter', async (t) => {
  const output = `${t.testdir()}/out.exr`;
  await addLuminance('main.Combined', sound, output);
  const colour = ['R', 'G', 'B'].map((component) => `main.Combined.${component}`);
  const [red = [], green = [], blue = []] = await samplesOf(sound, colour);
  const [luma = [], ...kept] = await samplesOf(output, ['main.Combined.Y', ...colour]);
  t.equal(luma.length, 96 * 54);
  t.strictSame(kept, [red, green, blue], 'the colour is as it was');
  const wrong = luma.findIndex((value, i) => {
    const expected = 0.2126 * (red[i] ?? 0) + 0.7152 * (green[i] ?? 0) + 0.0722 * (blue[i] ?? 0);
    return Math.abs(value - expected) > 1e-6 * Math.max(1, Math.abs(expected));
  });
  t.equal(wrong, -1, 'every pixel has the luminance of its colour');
  t.ok(luma.some((value) => value > 0));
  await t.rejects(addLuminance('nowhere', sound, output), { code: 'NO_COLOUR', kind: 'usage' });
});

t.test('05 abort and errors', async (t) => {
  const folder = t.testdir({ 'bad.exr': 'no image' });
  t.equal(await compressWithin(sound, `${folder}/out.exr`, 60), 'done');
  t.match(await compressWithin(`${folder}/bad.exr`, `${folder}/x.exr`, 60), /^render it again: .*bad\.exr: /);
  t.match(await compressWithin(`${folder}/missing.exr`, `${folder}/x.exr`, 60), /^try again later: /);
  t.equal(await compressWithin(sound, `${folder}/x.exr`, 0), 'took too long');
  t.strictSame((await readdir(folder)).sort(), ['bad.exr', 'out.exr']);
});

t.test('06 read pixels', async (t) => {
  const output = `${t.testdir()}/out.exr`;
  await noteDepthRange('main.Depth.V', sound, output);
  const [part] = (await readExrHeader(output)).parts;
  const read = (name: string): unknown => {
    const attribute = part?.attributes.get(name);
    return attribute && parseAttribute(attribute.type, attribute.value);
  };
  const [depth = []] = await samplesOf(sound, ['main.Depth.V']);
  const near = depth.filter((value) => value < 1e9);
  t.ok(near.length > 0 && near.length < depth.length, 'the frame has objects and background');
  t.equal(read('depthNear'), Math.min(...near));
  t.equal(read('depthFar'), Math.max(...near));
});

/** What every program's reader would refuse, pixels and all. */
async function errorsOf(file: string): Promise<string[]> {
  const document = await openExr(file);
  const found: string[] = [];
  try {
    for (const target of programs)
      for (const { severity, rule } of [
        ...validateHeader(document.header, { targets: target ? [target] : [] }),
        ...(await validatePixels(document.header, (part, names) => readSamples(document, part, names), {
          targets: target ? [target] : [],
        })),
      ])
        if (severity === 'error') found.push(`${target}: ${rule}`);
  } finally {
    await document.source.close();
  }
  return found;
}

async function setsOf(file: string): Promise<string[]> {
  const { parts } = await readExrHeader(file);
  return parts.flatMap(cryptomatteSets).map(({ name, manifest }) => `${name}${manifest ? '' : ' without names'}`);
}

const arnold = ['crypto_asset', 'crypto_material', 'crypto_object'];

t.test('07 deliver Cryptomattes: names from a donor, a file for each view layer', async (t) => {
  const folder = t.testdir();
  const input = fileURLToPath(new URL('examples/frames/b4_three_layers_lost.0001.exr', project));
  t.not((await errorsOf(input)).length, 0, 'the frame is broken');
  const donor = fileURLToPath(new URL('examples/frames/c_donor_1spp.0001.exr', project));
  const files = await deliver(donor, input, `${folder}/{layer}.{frame}.exr`);
  t.strictSame(
    files.map((file) => basename(file)),
    ['BG.0001.exr', 'Chars.0001.exr', 'FG elements.0001.exr'],
  );
  for (const file of files) {
    t.strictSame(await errorsOf(file), [], file);
    t.strictSame((await setsOf(file)).sort(), arnold, file);
    const layer = basename(file, '.0001.exr');
    t.strictSame(
      await samplesOf(file, ['R', 'Z', 'crypto_object00.R', 'crypto_object00.G']),
      await samplesOf(
        input,
        ['Combined.R', 'Depth.V', 'CryptoObject00.R', 'CryptoObject00.G'].map((name) => `${layer}.${name}`),
      ),
      'the pixels are as they were',
    );
  }
});

t.test('07 deliver Cryptomattes: names from the .blend file', async (t) => {
  const folder = t.testdir();
  const at = (name: string): string => fileURLToPath(new URL(`test/fixtures/blend/${name}`, project));
  t.not((await errorsOf(at('lost.0001.exr'))).length, 0, 'the frame is broken');
  const [file = '', ...others] = await deliver(at('scene.blend'), at('lost.0001.exr'), `${folder}/{layer}.{frame}.exr`);
  t.strictSame(others, []);
  t.strictSame(await errorsOf(file), []);
  t.strictSame((await setsOf(file)).sort(), arnold);
  const ids = ['R', 'G', 'B', 'A'].map((component) => `00.${component}`);
  t.strictSame(
    await samplesOf(
      file,
      ids.map((id) => `crypto_object${id}`),
    ),
    await samplesOf(
      at('lost.0001.exr'),
      ids.map((id) => `CryptoObject${id}`),
    ),
  );
});

t.test('08 run a sequence', async (t) => {
  const folder = t.testdir();
  for (const frame of ['0001', '0002', '0004']) await copyFile(sound, `${folder}/shot.${frame}.exr`);
  const lines: string[] = [];
  const run = () =>
    deliverShot(`${folder}/shot.####.exr`, `${folder}/out/{layer}.{frame}.exr`, (line) => void lines.push(line));
  await run();
  t.strictSame((await readdir(`${folder}/out`)).sort(), ['hero.0001.exr', 'hero.0002.exr', 'hero.0004.exr']);
  t.strictSame(lines.splice(0).sort(), [
    '3 done, 0 there already',
    ...[1, 2, 4].map((frame) => `frame ${frame}: 1 files`),
  ]);
  await run();
  t.strictSame(lines, ['0 done, 3 there already']);
});
