import { copyFile, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { dropAttribute } from '../../filters/drop-attribute.js';
import { injectManifest } from '../../filters/inject-manifest.js';
import { merge } from '../../filters/merge.js';
import { rename } from '../../filters/rename.js';
import { repair } from '../../filters/repair.js';
import { split } from '../../filters/split.js';
import { bitsToHex, nameBits } from '../../lib/cryptomatte/hash.js';
import { formatManifest, isStrictManifest, readManifest } from '../../lib/cryptomatte/manifest.js';
import { parseHeader } from '../../lib/format/header-parser.js';
import { writeHeader } from '../../lib/format/header-writer.js';
import { type ExrError, type Header, isExrError, type Notice, runFrame } from '../../lib/index.js';
import { type CryptomatteSet, headerSets } from '../../lib/layers/sets.js';
import { decodeText } from '../../lib/model/text.js';
import { layer, makeHeader, makePart, setStrings, single } from '../cryptomatte/fixtures.js';
import { temporaryFolder } from '../support.js';
import { failure as headerFailure } from './support.js';

type Options = Parameters<typeof injectManifest>[0];

const fixtures = fileURLToPath(new URL('../../../test/fixtures/', import.meta.url));
const blender = (name: string): string => join(fixtures, 'blender', name);
const lost = blender('b3_lost_sepcomb.0001.exr');
const donor = blender('headers/panel_f32_zip.header');

/** Runs the filter on a file and reads the result back. */
async function inject(t: Test, input: string, options: Options) {
  const output = join(t.testdir(), 'out.exr');
  const notices: Notice[] = [];
  await runFrame([input], [injectManifest(options)], output, { onNotice: (notice) => notices.push(notice) });
  const bytes = await readFile(output);
  const { header, length } = parseHeader(bytes);
  return { header, pixels: bytes.subarray(length), notices, codes: notices.map(({ code }) => code) };
}

async function failure(t: Test, input: string, options: Options): Promise<ExrError> {
  try {
    await inject(t, input, options);
  } catch (error) {
    if (isExrError(error)) return error;
    throw error;
  }
  throw new Error('the filter was expected to fail');
}

function namesOf(header: Header, name: string): string[] {
  const set = headerSets(header).find((one) => one.name === name);
  return [...readManifest(set?.manifest ?? new Uint8Array()).names.keys()].sort();
}

const describe = ({ key, name, fit, layers }: CryptomatteSet): string => `${key} ${name} ${fit} ${layers.length}`;

t.test('a donor gives its names to a file that lost them; the pixels choose the view layer', async (t) => {
  const { header, codes, notices } = await inject(t, lost, { from: [donor] });
  t.strictSame(headerSets(header).map(describe), [
    'eae8e92 main.CryptoAsset exact 3',
    '11751e1 main.CryptoMaterial exact 3',
    'a3346d2 main.CryptoObject exact 3',
  ]);
  t.strictSame(codes, ['INJECTED', 'INJECTED', 'INJECTED']);
  for (const { message } of notices) t.match(message, /Chars\.Crypto.* \(fits by pass\), 100\.00 % of the coverage/);
  t.ok(namesOf(header, 'main.CryptoObject').includes('Hero Character'));
});

t.test('the result has the attributes that Blender writes where it does not lose them', async (t) => {
  const { header } = await inject(t, lost, { from: [blender('b5_direct_Chars.0001.exr')] });
  const kept = parseHeader(await readFile(blender('b2_main_dot.0001.exr'))).header;
  const wanted = [...single(kept.parts).attributes].filter(([name]) => name.startsWith('cryptomatte/'));
  t.equal(wanted.length, 12);
  for (const [name, attribute] of wanted) t.strictSame(single(header.parts).attributes.get(name), attribute, name);
});

t.test('the pixels stay as they are', async (t) => {
  const { pixels } = await inject(t, lost, { from: [donor] });
  const before = await readFile(lost);
  const { length } = parseHeader(before);
  // The offset tables differ by the growth of the header; the chunks do not.
  const table = 8 * Math.ceil(54 / 16);
  t.strictSame(pixels.subarray(table), before.subarray(length + table));
});

t.test('parts with the same names get those of their own view layers', async (t) => {
  const folder = t.testdir();
  const both = join(folder, 'both.exr');
  const files = ['Chars', 'FG_elements'].map((name) => blender(`b5_direct_${name}.0001.exr`));
  await runFrame(
    files,
    [merge({ as: 'parts', name: '{stem}' }), dropAttribute({ attributes: ['cryptomatte/*'] })],
    both,
  );
  const output = join(folder, 'out.exr');
  await runFrame([both], [injectManifest({ from: [donor] })], output);
  const { header } = parseHeader(await readFile(output));
  const objects = headerSets(header).filter(({ name }) => name === 'main.CryptoObject');
  t.strictSame(
    objects.map(({ parts, manifest }) => [parts, readManifest(manifest ?? new Uint8Array()).names.has('FG grass')]),
    [
      [[0], false],
      [[1], true],
    ],
  );
});

t.test('without pixels, several fits are an error that lists them, and --donor-layer decides', async (t) => {
  const error = await failure(t, lost, { from: [donor], noVerify: true });
  t.equal(error.code, 'SEVERAL_FIT');
  t.equal(error.kind, 'usage');
  for (const name of ['Chars', 'BG', 'FG elements']) t.match(error.message, `${name}.Crypto`);
  const { header } = await inject(t, lost, { from: [donor], noVerify: true, donorLayer: 'Chars' });
  t.equal(headerSets(header).length, 3);
  const wrong = await failure(t, lost, { from: [donor], donorLayer: 'Charakters' });
  t.equal(wrong.code, 'NO_SUCH_LAYER');
  t.match(wrong.hint, '"Chars"');
});

t.test('names of another view layer are not taken', async (t) => {
  const { header, codes } = await inject(t, lost, { from: [donor], donorLayer: 'BG' });
  t.strictSame(codes, ['NOTHING_NAMED', 'PARTLY_NAMED', 'NOTHING_NAMED']);
  t.strictSame(
    headerSets(header).map(({ name }) => name),
    ['main.CryptoMaterial'],
  );
  const stranger = await failure(t, lost, { from: [donor], donorLayer: 'BG', layer: ['main.CryptoObject'] });
  t.equal(stranger.code, 'NOTHING_NAMED');
});

t.test('only what lost its names gets some, unless asked for all', async (t) => {
  const partial = blender('b3_partial_material_lost.0001.exr');
  const { codes } = await inject(t, partial, { from: [donor] });
  t.strictSame(codes, ['INJECTED']);
  t.strictSame((await inject(t, partial, { from: [donor], replace: true })).codes, [
    'INJECTED',
    'INJECTED',
    'INJECTED',
  ]);
  t.strictSame((await inject(t, blender('b2_main_dot.0001.exr'), { from: [donor] })).codes, ['NOTHING_TO_DO']);
});

t.test('unreadable manifests are replaced by readable ones', async (t) => {
  const nasty = blender('b5_direct_nasty_FG_elements.0001.exr');
  const { header } = await inject(t, nasty, { from: [blender('headers/panel_nasty_cycles_unescaped.header')] });
  for (const { manifest } of headerSets(header)) t.ok(isStrictManifest(readManifest(manifest ?? new Uint8Array())));
  for (const name of ['Quote"d "Thing"', 'Back\\slash', 'tab\tname', 'new\nline'])
    t.ok(namesOf(header, 'main.CryptoObject').includes(name), JSON.stringify(name));
});

t.test('destroyed IDs are refused, with and without a look at the pixels', async (t) => {
  for (const noVerify of [false, true]) {
    const error = await failure(t, blender('b1_direct_half.0001.exr'), { from: [donor], replace: true, noVerify });
    t.equal(error.code, 'IDS_DESTROYED');
    t.match(error.hint, /Re-render, or use a copy/);
  }
});

t.test('IDs that PXR24 rounded are recognised', async (t) => {
  const { codes } = await inject(t, blender('b1_direct_pxr24.0001.exr'), { from: [donor], replace: true });
  t.strictSame(codes, Array(3).fill(['IDS_ROUNDED', 'INJECTED']).flat());
});

t.test('names from a list: those in the pixels are taken', async (t) => {
  const folder = t.testdir({
    'names.txt': '\ufeffHero Character\r\nHero.Head\nHero.Arm_L\n\nNobody\nSidekick\nSidekick Hat.001\n',
  });
  const output = join(folder, 'out.exr');
  const notices: Notice[] = [];
  const step = injectManifest({ names: [join(folder, 'names.txt')], layer: ['main.CryptoObject'] });
  await runFrame([lost], [step], output, { onNotice: (notice) => notices.push(notice) });
  const { header } = parseHeader(await readFile(output));
  t.strictSame(namesOf(header, 'main.CryptoObject'), [
    'Hero Character',
    'Hero.Arm_L',
    'Hero.Head',
    'Sidekick',
    'Sidekick Hat.001',
  ]);
  t.match(single(notices), { code: 'PARTLY_NAMED', message: /one ID has no name, the largest is c41f7b1a/ });
});

t.test(
  'names from the sidecar of a shot: those in the pixels are taken, with the IDs that it gives them',
  async (t) => {
    const folder = await temporaryFolder(t);
    const source = blender('b2_main_dot.0001.exr');
    const [set] = headerSets(parseHeader(await readFile(source)).header).filter(
      ({ name }) => name === 'main.CryptoObject',
    );
    const { names } = readManifest(set?.manifest ?? new Uint8Array());
    const renamed = [...names].map(([name, bits]) => [`of the shot: ${name}`, bits] as const);
    await writeFile(join(folder, 'names.json'), formatManifest([...renamed, ['elsewhere', nameBits('elsewhere')]]));
    const step = injectManifest({ names: [join(folder, 'names.json')], layer: ['main.CryptoObject'], replace: true });
    const output = join(folder, 'out.exr');
    await runFrame([source], [step], output);
    const { header } = parseHeader(await readFile(output));
    t.strictSame(namesOf(header, 'main.CryptoObject'), renamed.map(([name]) => name).sort());
  },
);

t.test('names from the .blend file, plain and compressed, without any render', async (t) => {
  for (const file of ['scene.blend', 'scene.gz.blend']) {
    const { header, notices } = await inject(t, join(fixtures, 'blend/lost.0001.exr'), {
      blend: [join(fixtures, 'blend', file)],
    });
    for (const { message, code } of notices) {
      t.equal(code, 'INJECTED');
      t.match(message, /100\.00 % of the coverage/);
    }
    t.equal(headerSets(header).length, 3, file);
  }
});

t.test('a sidecar goes to the Cryptomatte named by the user or by its file name', async (t) => {
  const manifest = JSON.stringify({ Sidekick: bitsToHex(nameBits('Sidekick')) });
  const folder = t.testdir({ 'a.json': manifest, 'shot.main.CryptoObject.json': manifest });
  const ask = async (options: Options): Promise<Header> => {
    const output = join(folder, 'out.exr');
    await runFrame([lost], [injectManifest(options)], output);
    return parseHeader(await readFile(output)).header;
  };
  for (const options of [
    { sidecar: [join(folder, 'a.json')], layer: ['main.CryptoObject'] },
    { sidecar: [join(folder, 'shot.main.CryptoObject.json')] },
  ]) {
    const set = single(headerSets(await ask(options)));
    t.equal(set.name, 'main.CryptoObject');
    t.equal(set.manifestFile, undefined, 'it is embedded');
  }
  const unclear = await failure(t, lost, { sidecar: [blender('README.md')] });
  t.equal(unclear.code, 'SEVERAL_FIT');
  t.match(unclear.hint, /"main\.CryptoAsset"/);
});

t.test('a donor with a sidecar of its own is read together with it', async (t) => {
  const manifest = JSON.stringify({ Sidekick: bitsToHex(nameBits('Sidekick')) });
  const header = makeHeader(
    makePart(layer('CryptoObject00', 'rgba'), {
      ...setStrings('3ae39a5', 'CryptoObject'),
      'cryptomatte/3ae39a5/manif_file': 'donor.CryptoObject.json',
    }),
  );
  const folder = t.testdir({ 'donor.CryptoObject.json': manifest });
  await writeFile(join(folder, 'donor.exr'), writeHeader(header));
  const output = join(folder, 'out.exr');
  await runFrame([lost], [injectManifest({ from: [join(folder, 'donor.exr')] })], output);
  t.strictSame(namesOf(parseHeader(await readFile(output)).header, 'main.CryptoObject'), ['Sidekick']);
});

t.test('wrong IDs are recomputed from their names', async (t) => {
  const nasty = blender('b2_main_dot.0001.exr');
  const { codes, header } = await inject(t, nasty, { rehash: true });
  t.strictSame(codes, [], 'all IDs were right');
  t.equal(headerSets(header).length, 3);
  const before = makeHeader(
    makePart(layer('ids00', 'rgba'), setStrings('1234567', 'ids', '{"obj45":"00734d5c","torus":"f19c73fd"}')),
  );
  const step = injectManifest({ rehash: true, noVerify: true });
  const after = await step.header(before, {
    inputs: [],
    programs: [],
    warn: () => t.fail('nothing to warn of'),
    note: (code) => t.equal(code, 'REHASHED'),
    readHeader: () => Promise.reject(new Error('no file is needed')),
    readFile: () => Promise.reject(new Error('no file is needed')),
    readSidecar: () => Promise.reject(new Error('no file is needed')),
    openFile: () => Promise.reject(new Error('no file is needed')),
    openImage: () => Promise.reject(new Error('no image is needed')),
    findNamed: () => Promise.reject(new Error('no image is needed')),
    makeChannels: () => {
      throw new Error('no channels are made');
    },
    samples: () => {
      throw new Error('no pixels are needed');
    },
    samplesOf: () => {
      throw new Error('no pixels are needed');
    },
    signal: undefined,
  });
  t.equal(readManifest(single(headerSets(after)).manifest ?? new Uint8Array()).names.get('obj45'), 0x00f34d5c);
});

t.test('what cannot be asked is refused', async (t) => {
  const plain = makeHeader(makePart([{ name: 'R' }]));
  t.equal((await headerFailure(injectManifest({ from: ['x'] }), plain)).code, 'NO_CRYPTOMATTE');
  t.throws(() => injectManifest({}), { code: 'NOTHING_ASKED' });
  t.throws(() => injectManifest({ names: ['x'], donorLayer: 'y' }), { code: 'BAD_OPTION' });
  t.throws(() => injectManifest({ sidecar: ['x', 'y'], layer: ['z'] }), { code: 'BAD_OPTION' });
  t.equal((await failure(t, lost, { from: [lost] })).code, 'NO_METADATA');
  t.equal((await failure(t, lost, { blend: [lost] })).code, 'NOT_BLEND');
  t.equal((await failure(t, lost, { names: ['/does/not/exist'] })).kind, 'io');
  const layers = await failure(t, lost, { from: [donor], layer: ['main.CryptoObjects'] });
  t.equal(layers.code, 'NO_SUCH_LAYER');
});

/** Every one is hard for some reader: quotes, backslashes, control characters, emoji, keys of prototypes, cuts at 63 bytes. */
const hostile = [
  'Quote"d "Thing"',
  'Back\\slash\\',
  'new\nline',
  'a, "b":"12345678"',
  '🌲 pine',
  '__proto__',
  'constructor',
  '木'.repeat(21),
  `${'🌲'.repeat(15)}123`,
  'a_very_long_object_name_that_goes_on_and_on_until_blender_cuts_',
];

/** A file with one Cryptomatte that has these names, and no pixels. */
async function writeDonor(path: string, names: readonly string[]): Promise<number> {
  const manifest = formatManifest(new Map(names.map((name) => [name, nameBits(name)])));
  const strings = setStrings('a3346d2', 'main.CryptoObject', decodeText(manifest));
  await writeFile(path, writeHeader(makeHeader(makePart(layer('main.CryptoObject00', 'rgba'), strings))));
  return manifest.length;
}

function objectNames(header: Header): Map<string, number> {
  const set = headerSets(header).find(({ name }) => name?.endsWith('Object'));
  const reading = readManifest(set?.manifest ?? new Uint8Array());
  t.ok(isStrictManifest(reading));
  return new Map(reading.names);
}

t.test('a hundred thousand names in ten megabytes, checked against the pixels', async (t) => {
  const scene = namesOf(parseHeader(await readFile(blender('b2_main_dot.0001.exr'))).header, 'main.CryptoObject');
  const forest = Array.from({ length: 100_000 }, (_, index) => `/scene/forest/tree_${index}/${'leaf_'.repeat(16)}`);
  const names = [...forest, ...scene, ...hostile];
  const folder = t.testdir();
  const bytes = await writeDonor(join(folder, 'donor.exr'), names);
  t.ok(bytes > 10_000_000);
  const notices: Notice[] = [];
  const step = injectManifest({ from: [join(folder, 'donor.exr')], layer: ['main.CryptoObject'] });
  await runFrame([lost], [step], join(folder, 'out.exr'), { onNotice: (notice) => notices.push(notice) });
  const { header } = parseHeader(await readFile(join(folder, 'out.exr')));
  t.match(single(notices), { code: 'INJECTED', message: /100\.00 % of the coverage/ });
  const found = objectNames(header);
  t.equal(found.size, new Set(names).size);
  const wrong = names.filter((name) => found.get(name) !== nameBits(name));
  t.strictSame(wrong, [], 'every name has its ID');
});

t.test('hostile names survive whole chains, and sidecars', async (t) => {
  const folder = t.testdir();
  const at = (name: string): string => join(folder, `${name}.exr`);
  await writeDonor(at('donor'), hostile);
  const wanted = new Map(hostile.map((name) => [name, nameBits(name)]));
  const there = injectManifest({ from: [at('donor')], layer: ['main.CryptoObject'], noVerify: true });
  await runFrame([lost], [there, repair({ sidecarOut: '{layer}.json' }), rename({ preset: 'arnold' })], at('out'));
  await runFrame([at('out')], [repair({ embed: true }), rename({ preset: 'blender' }), split({})], at('back'));
  const { header } = parseHeader(await readFile(at('back')));
  t.strictSame(objectNames(header), wanted);
  t.ok(headerSets(header).some(({ name, fit }) => name === 'main.CryptoObject' && fit === 'exact'));
});

t.test(
  'names come from a .blend file of any size, and one that is not there is told from one that is bad',
  async (t) => {
    const folder = await temporaryFolder(t);
    await writeFile(join(folder, 'bad.blend'), 'BLENDER and nothing more');
    const large = join(folder, 'large.blend');
    await copyFile(join(fixtures, 'blend/scene.blend'), large);
    // Far more than would be read whole; what follows the last block is not looked at.
    await truncate(large, 600 << 20);
    const image = join(fixtures, 'blend/lost.0001.exr');
    const { header } = await inject(t, image, { blend: [large] });
    t.ok(headerSets(header).some(({ name, manifest }) => name?.endsWith('CryptoObject') && manifest !== undefined));
    const missing = await failure(t, image, { blend: [join(folder, 'missing.blend')] });
    t.match(missing, { kind: 'io', code: 'ENOENT', where: { file: join(folder, 'missing.blend') } });
    t.match(await failure(t, image, { blend: [join(folder, 'bad.blend')] }), {
      kind: 'unsupported',
      code: 'BLEND_UNSUPPORTED',
    });
  },
);
