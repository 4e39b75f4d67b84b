import { existsSync, readFileSync } from 'node:fs';
import { dirname, join as joinPath } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { createGunzip, gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { createZstd } from 'openexr-wasm';
import t from 'tap';
import {
  type BlendErrorCode,
  type BlendNames,
  type BlendOptions,
  type BlendSource,
  bytesSource,
  candidateNames,
  cyclesInternalMaterials,
  readBlend,
} from '../../../lib/cryptomatte/blend/index.js';
import { type FrameLimits, readSeekTable, unpackZstd } from '../../../lib/cryptomatte/blend/zstd.js';
import { isExrError } from '../../../lib/model/error.js';
import { encodeText } from '../../../lib/model/text.js';
import { ascii, type BuildBlock, type BuildLayout, buildBlend, datablock, join, layouts, smallScene } from './build.js';

const frameLimits: FrameLimits = { windowBytes: 2 ** 27, frameBytes: 2 ** 28 };

const library = createZstd();
/** The most bytes that were ever to be unpacked at once. */
let mostAsked = 0;
const unzstd = (frame: Uint8Array, most: number) => {
  mostAsked = Math.max(mostAsked, most);
  return library.decompress(frame, most);
};

/** Fixtures stand beside the sources, wherever the compiled tests run. */
function fixture(name: string): Uint8Array {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(joinPath(folder, 'test', 'fixtures', 'blend')) && folder !== dirname(folder))
    folder = dirname(folder);
  return new Uint8Array(readFileSync(joinPath(folder, 'test', 'fixtures', 'blend', name)));
}

function gunzip(packed: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  return pipeline(Readable.from(packed), createGunzip(), () => {});
}

function names(bytes: Uint8Array | BlendSource, options: BlendOptions = {}): Promise<BlendNames> {
  return readBlend(bytes, { gunzip, unzstd, ...options });
}

async function unpack(bytes: Uint8Array, limits: Partial<FrameLimits> = {}): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of unpackZstd(bytesSource(bytes), 0, { ...frameLimits, ...limits }, unzstd))
    pieces.push(piece);
  return join(pieces);
}

/** What `t.rejects` is to find. */
function blendError(code: BlendErrorCode, message: RegExp) {
  return { name: 'ExrError', code, message };
}

interface Expected {
  objects: { name: string; parent: string | null; top: string }[];
  linkedObjects: { name: string; indirect: boolean }[];
  materials: string[];
  scenes: { name: string; viewLayers: string[] }[];
  libraries: string[];
}

const plain = new Uint8Array(gunzipSync(fixture('scene.gz.blend')));
const expected: Expected = JSON.parse(new TextDecoder().decode(fixture('expected.json')));
const sorted = (values: readonly string[]) => [...values].sort();

t.test('a real scene: the names that Blender itself lists', async (t) => {
  const files = { none: plain, gzip: fixture('scene.gz.blend'), zstd: fixture('scene.blend') };
  for (const [compression, bytes] of Object.entries(files)) {
    const found = await names(bytes);
    t.equal(found.compression, compression);
    t.equal(found.version, 304);
    t.equal(found.nameBytes, 63);
    const local = found.objects.filter(({ library }) => library === undefined);
    const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
    t.same(
      local.map(({ name, topParent }) => ({ name, top: topParent })).sort(byName),
      expected.objects.map(({ name, top }) => ({ name, top })).sort(byName),
      `${compression}: objects and their top parents`,
    );
    t.same(
      found.objects.filter(({ library }) => library !== undefined),
      expected.linkedObjects
        .filter(({ indirect }) => !indirect)
        .map(({ name }) => ({ name, library: expected.libraries[0], topParent: undefined })),
      `${compression}: linked objects`,
    );
    t.same(sorted(found.materials.map(({ name }) => name)), sorted(expected.materials), `${compression}: materials`);
    t.ok(
      found.lights.some(({ name }) => name === 'Sun'),
      `${compression}: lights`,
    );
    t.same(found.worlds, [], `${compression}: worlds`);
    t.same(found.scenes, expected.scenes, `${compression}: scenes and view layers`);
    t.same(found.libraries, expected.libraries, `${compression}: libraries`);
  }
  t.ok(expected.objects.length >= 18, 'the scene is not empty');
});

/** The names in the manifests Cycles wrote. It does not escape them, so they are told by the hash that follows each. */
function renderedManifests(file: string): Map<string, string[]> {
  const bytes = Buffer.from(fixture(file)).toString('latin1');
  const manifests = new Map<string, string[]>();
  for (const [, key, layer = ''] of bytes.matchAll(
    /cryptomatte\/(\w{7})\/name\0string\0.{4}Chars\.(CryptoObject|CryptoMaterial|CryptoAsset)/gs,
  )) {
    const value = new RegExp(`cryptomatte/${key}/manifest\0string\0.{4}\\{(.*?"[0-9a-f]{8}")\\}`, 's').exec(bytes)?.[1];
    const manifest = Buffer.from(value ?? '', 'latin1').toString('utf8');
    manifests.set(
      layer,
      [...manifest.matchAll(/"(.*?)":"[0-9a-f]{8}"(?:,|$)/gs)].map(([, name = '']) => name),
    );
  }
  return manifests;
}

t.test('every name in the manifests of a rendered frame is among the candidates', async (t) => {
  const scene = await names(fixture('scene.blend'));
  const files = [scene, await names(fixture('library.blend'))];
  const manifests = renderedManifests('panel.0001.exr');
  t.same(sorted([...manifests.keys()]), ['CryptoAsset', 'CryptoMaterial', 'CryptoObject']);
  for (const [layer, kind] of [
    ['CryptoObject', 'object'],
    ['CryptoMaterial', 'material'],
    ['CryptoAsset', 'asset'],
  ] as const) {
    const candidates = candidateNames(files, kind);
    const rendered = manifests.get(layer) ?? [];
    t.ok(rendered.length > 8, `${layer}: ${rendered.length} names`);
    t.same(
      rendered.filter((name) => !candidates.includes(name)),
      [],
      `${layer}: none is missing`,
    );
    t.equal(new Set(candidates).size, candidates.length, `${layer}: each once`);
  }
  t.ok(manifests.get('CryptoAsset')?.includes('Library Root'), 'the frame needs the library');
  t.notOk(candidateNames(scene, 'asset').includes('Library Root'), 'which the scene alone does not have');
  t.same(candidateNames(scene, 'material').slice(0, 6), cyclesInternalMaterials);
});

t.test('EEVEE cuts the longest names by a byte: both are candidates', async (t) => {
  const scene = await names(fixture('scene.blend'));
  const candidates = candidateNames(scene, 'object');
  const longest = 'a_very_long_object_name_that_goes_on_and_on_until_blender_cuts_';
  t.ok(candidates.includes(longest));
  t.ok(candidates.includes(longest.slice(0, 62)));
  const cut = candidates.find((name) => name.startsWith('木'.repeat(20)) && name.length !== 21);
  t.same(encodeText(cut ?? ''), encodeText('木'.repeat(21)).subarray(0, 62), 'also within a character, without loss');
});

t.test('every layout of the format', async (t) => {
  for (const [title, layout] of Object.entries(layouts)) {
    const found = await names(buildBlend(layout, smallScene(layout)));
    const longest = 'n'.repeat(layout.idNameBytes - 3);
    const own = (name: string, topParent = name) => ({ name, library: undefined, topParent });
    t.same(
      found,
      {
        version: layout.format1 ? 500 : 279,
        compression: 'none',
        nameBytes: layout.idNameBytes - 3,
        objects: [
          own('child', 'top'),
          own('middle', 'top'),
          own('top'),
          own('orphan'),
          own('held', 'linked'),
          own('A\udcff\udcc3'),
          own(longest),
          { name: 'linked', library: '//lib.blend', topParent: undefined },
        ],
        materials: [
          { name: '', library: undefined },
          { name: 'linked', library: '//lib.blend' },
        ],
        lights: [
          { name: 'Key light', library: undefined },
          { name: 'linked', library: '//lib.blend' },
        ],
        worlds: [
          { name: 'Sky', library: undefined },
          { name: 'linked', library: '//lib.blend' },
        ],
        scenes: [{ name: 'Scene', viewLayers: ['first', 'second'] }],
        libraries: ['//lib.blend'],
      },
      title,
    );
    t.same(
      candidateNames(found, 'asset').slice(0, 6),
      ['top', 'orphan', 'linked', 'A\udcff\udcc3', longest, 'Sky'],
      `${title}: assets`,
    );
    const materials = candidateNames(found, 'material');
    t.same(materials.slice(0, 6), cyclesInternalMaterials, `${title}: what Cycles calls its own shaders`);
    for (const name of ['Default Surface', 'linked', 'Key light']) t.ok(materials.includes(name), `${title}: ${name}`);
    t.equal(materials.includes('shader'), !layout.format1, `${title}: lights and worlds without a name`);
    t.ok(candidateNames(found, 'object').includes('object'), `${title}: the background`);
  }
});

t.test('a name that fills its array has no terminator to find', async (t) => {
  const layout = layouts['Blender 5'] as BuildLayout;
  const name = '木'.repeat(85);
  const found = await names(buildBlend(layout, [datablock('OB', `${name}x`)]));
  t.equal(found.objects[0]?.name, `${name}x`);
  const cuts = candidateNames(found, 'object').map((candidate) => encodeText(candidate).length);
  t.same(cuts, ['object'.length, 256, 62, 254]);
});

t.test('a file of 3 GB is not read as a whole', async (t) => {
  const layout = layouts['Blender 5'] as BuildLayout;
  const gap = 3 * 2 ** 30;
  const whole = buildBlend(layout, [datablock('OB', 'before'), { code: 'DATA', struct: 'Base', claims: gap }]);
  const blockAt = Buffer.from(whole).indexOf('DATA') + 32;
  const front = whole.subarray(0, blockAt);
  // The builder gave the block 8 bytes; the source pretends that there are 3 GB of them.
  const back = whole.subarray(blockAt + 8);
  let bytesRead = 0;
  const found = await names({
    size: front.length + gap + back.length,
    read: async (offset, length) => {
      bytesRead += length;
      const piece = new Uint8Array(length);
      if (offset < front.length) piece.set(front.subarray(offset, offset + length));
      const fromBack = offset - front.length - gap;
      if (fromBack >= 0) piece.set(back.subarray(fromBack, fromBack + length));
      return piece;
    },
  });
  t.same(
    found.objects.map(({ name }) => name),
    ['before'],
  );
  t.ok(bytesRead < 2 ** 17, `${bytesRead} bytes were read`);
});

t.test('a compressed file with a seek table is unpacked only where it is needed', async (t) => {
  const bytes = fixture('scene.blend');
  const table = await readSeekTable(bytesSource(bytes));
  t.equal(table?.unpacked.at(-1), plain.length);
  t.ok((table?.packed.length ?? 0) > 4);
  const scene = await unpack(bytes);
  t.equal(scene.length, plain.length);
  t.ok(
    scene.reduce((sum, byte, i) => sum + (byte === plain[i] ? 0 : 1), 0) <= 3,
    'the two saves differ in the "compress" flag and two time stamps at most',
  );
  // Without the table, and with one that lies, the frames are read in order and give the same names.
  const footless = bytes.subarray(0, table?.packed.at(-1));
  t.equal(await readSeekTable(bytesSource(footless)), undefined);
  t.same(await names(footless), await names(bytes));
  const lying = bytes.slice();
  lying[(table?.packed.at(-1) ?? 0) + 8] = 1;
  t.equal(await readSeekTable(bytesSource(lying)), undefined);
  t.same(await names(lying), await names(bytes));
  await t.rejects(
    names(bytes, { limits: { inflatedBytes: 1000 } }),
    blendError('BLEND_LIMIT', /unpacks to more than 1000/),
  );
});

t.test('zstd as other programs write it', async (t) => {
  const truth = fixture('expected.json');
  for (const name of ['packed.fast.zst', 'packed.ultra.zst']) {
    const packed = fixture(name);
    t.same(await unpack(packed), truth, name);
    const skippable = join([Uint8Array.of(0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0), ascii('???')]);
    t.same(await unpack(join([skippable, packed, skippable, packed])), join([truth, truth]), `${name} twice`);
    await t.rejects(unpack(packed, { windowBytes: 1000 }), blendError('BLEND_LIMIT', /window/));
    await t.rejects(unpack(packed, { frameBytes: 1000 }), blendError('BLEND_LIMIT', /unpacks to more than 1000/));
    for (let length = 1; length < packed.length; length += 7)
      await t.rejects(unpack(packed.subarray(0, length)), blendError('BLEND_TRUNCATED', /ends/));
  }
});

/** Text of 200 characters out of few, and what `zstd -3` makes of it: one Huffman stream. */
function fewLetters(): Uint8Array {
  let state = 7;
  const next = () => {
    state = (state * 48271) % 2147483647;
    return state;
  };
  return Uint8Array.from({ length: 200 }, () => 97 + (next() % 3) * (next() % 5));
}
const fewLettersPacked =
  'KLUv/QBYrQIAAskNCuBpDHvILRNAVQE/ZgNth3Uq8JxfHGjKwklMTl+rpEODZpejZEWVUKdkpEQtKNx9tBTUJKQtAgoATxAjqvstRdZmABHfl9lwOzFmjoiouekqeA==';

/** A frame of given blocks, with a window of 8 MiB (or another power of two, from 1 KiB) and no size. */
function frame(
  blocks: readonly { type: number; size?: number; body: readonly number[] }[],
  windowPower = 23,
): Uint8Array {
  const pieces = blocks.map(({ type, size, body }, i) => {
    const head = ((size ?? body.length) << 3) | (type << 1) | (i === blocks.length - 1 ? 1 : 0);
    return [head & 255, (head >> 8) & 255, head >> 16, ...body];
  });
  return Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, (windowPower - 10) << 3, ...pieces.flat());
}

t.test('zstd in forms that the fixtures do not hold', async (t) => {
  t.same(await unpack(new Uint8Array(Buffer.from(fewLettersPacked, 'base64'))), fewLetters(), 'one Huffman stream');
  t.same(await unpack(frame([{ type: 2, body: [3 << 3, 97, 98, 99, 0] }])), ascii('abc'), 'no sequences');
  const tablesOfOneSymbol = [9, 97, 1, 0x54, 1, 0, 0, 1];
  const sameTables = [9, 98, 1, 0xfc, 1];
  t.same(
    await unpack(
      frame([
        { type: 2, body: tablesOfOneSymbol },
        { type: 2, body: sameTables },
      ]),
    ),
    ascii('aaaabbbb'),
    'the tables of the block before',
  );
  // 32 MiB of zeros behind eight letters, then one match that reaches back over all of them: 25 bits of offset.
  const zeros = Array.from({ length: 257 }, () => ({ type: 1, size: 2 ** 17, body: [0] }));
  const distance = 8 + 257 * 2 ** 17;
  // With the marker bit in front, the bits of the offset are the offset's value itself.
  const value = distance + 3;
  const far = [0, 1, 0x54, 0, 25, 5, value & 255, (value >> 8) & 255, (value >> 16) & 255, value >> 24];
  const letters = { type: 0, body: [...ascii('abcdefgh')] };
  const unpacked = await unpack(frame([letters, ...zeros, { type: 2, body: far }], 26));
  t.equal(unpacked.length, distance + 8);
  t.same(unpacked.subarray(distance), ascii('abcdefgh'), 'a far match');
  await t.rejects(
    unpack(frame([letters, ...zeros, { type: 2, body: far }], 26), { frameBytes: 2 ** 25 }),
    blendError('BLEND_LIMIT', /unpacks to more than 33554432/),
  );
});

t.test('a seek table with checksums', async (t) => {
  const bytes = fixture('scene.blend');
  const table = await readSeekTable(bytesSource(bytes));
  const { packed = [], unpacked = [] } = table ?? {};
  const count = packed.length - 1;
  const entries = new DataView(new ArrayBuffer(8 + count * 12 + 9));
  entries.setUint32(0, 0x184d2a5e, true);
  entries.setUint32(4, count * 12 + 9, true);
  for (let i = 0; i < count; i++) {
    entries.setUint32(8 + i * 12, (packed[i + 1] as number) - (packed[i] as number), true);
    entries.setUint32(12 + i * 12, (unpacked[i + 1] as number) - (unpacked[i] as number), true);
  }
  entries.setUint32(8 + count * 12, count, true);
  entries.setUint8(12 + count * 12, 0x80);
  entries.setUint32(13 + count * 12, 0x8f92eab1, true);
  const frames = bytes.subarray(0, packed[count]);
  const whole = join([frames, new Uint8Array(entries.buffer)]);
  t.same(await readSeekTable(bytesSource(whole)), table);
  t.same(await names(whole), await names(bytes));
  for (const [at, value] of [
    [8 + count * 12, count + 1],
    [8 + count * 12, 2 ** 24],
    [8 + count * 12, 2 ** 16],
    [4, 9],
  ] as const) {
    const damaged = new DataView(entries.buffer.slice(0));
    damaged.setUint32(at, value, true);
    const file = bytesSource(join([frames, new Uint8Array(damaged.buffer)]));
    t.equal(await readSeekTable(file), undefined, `${value} at ${at}`);
  }
  t.equal(await readSeekTable(bytesSource(new Uint8Array(16))), undefined);
});

t.test('hostile zstd ends promptly', async (t) => {
  t.same(
    await unpack(
      frame([
        { type: 1, size: 5, body: [65] },
        { type: 0, body: [66] },
      ]),
    ),
    ascii('AAAAAB'),
  );
  // Every table of one symbol, so a sequence takes a bit or none: 98,000 of them, each the longest match there is.
  const long = [9, 97, 255, 0, 255, 0x54, 0, 2, 52, 1];
  await t.rejects(unpack(frame([{ type: 2, body: long }])), blendError('BLEND_CORRUPT', /zstd/));
  // Sequence sections: literals "a" once, then what follows.
  const cases: Record<string, number[]> = {
    'reserved mode bits': [9, 97, 1, 3, 1],
    'a repeated table that was never given': [9, 97, 1, 0xfc, 1],
    'an unknown code': [9, 97, 1, 0x54, 200, 0, 0, 1],
    'no sequence count': [9, 97],
    'more bytes than sequences': [9, 97, 0, 0],
    'a stream without a marker': [9, 97, 1, 0x54, 0, 0, 0, 0],
    'literals beyond the block': [(31 << 3) | 0, 97],
    'a tree that was never given': [3, 0, 0, 0, 0],
    'a tree beyond the block': [2 | (1 << 4), 0x40, 0, 200],
    'a match before the beginning': [9, 97, 1, 0x54, 1, 5, 0, 0xff, 1],
  };
  for (const [title, body] of Object.entries(cases))
    await t.rejects(unpack(frame([{ type: 2, body }])), blendError('BLEND_CORRUPT', /zstd/), title);
  const skippable = Uint8Array.of(0x50, 0x2a, 0x4d, 0x18, 9, 0, 0, 0, 1);
  await t.rejects(unpack(skippable), blendError('BLEND_TRUNCATED', /within a frame/));
  await t.rejects(unpack(frame([{ type: 3, body: [] }])), blendError('BLEND_CORRUPT', /kind of block/));
  await t.rejects(unpack(frame([{ type: 1, size: 200_000, body: [0] }])), blendError('BLEND_CORRUPT', /kind of block/));
  await t.rejects(
    unpack(join([frame([{ type: 0, body: [] }]), ascii('more')])),
    blendError('BLEND_CORRUPT', /no frame/),
  );
  const head = (...bytes: number[]) => Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, ...bytes);
  await t.rejects(unpack(head(0, 0xff, 1, 0, 0)), blendError('BLEND_LIMIT', /window/));
  await t.rejects(unpack(head(0xe0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0)), blendError('BLEND_LIMIT', /window/));
  await t.rejects(unpack(head(3, 0, 1, 1, 1, 1)), blendError('BLEND_UNSUPPORTED', /dictionary/));
  await t.rejects(unpack(head(8, 0, 1, 1, 1, 1)), blendError('BLEND_CORRUPT', /reserved/));
  await t.rejects(unpack(head(0x20, 4, 9 | 0, 0, 0, 65)), blendError('BLEND_CORRUPT', /damaged/));
  await t.rejects(
    unpack(head(0x20, 4, (4 << 3) | 2, 0, 0, 65, (4 << 3) | 3, 0, 0, 65)),
    blendError('BLEND_CORRUPT', /more than expected/),
  );
  await t.rejects(unpack(head(0x20, 4, (5 << 3) | 3, 0, 0, 65)), blendError('BLEND_CORRUPT', /more than expected/));
});

t.test('files that are wrong say how', async (t) => {
  const layout = layouts['64 bit, little endian'] as BuildLayout;
  const build = (...blocks: BuildBlock[]) => names(buildBlend(layout, blocks));
  await t.rejects(names(new Uint8Array(3)), blendError('NOT_BLEND', /3 bytes/));
  await t.rejects(names(ascii('{"an": "object"}')), blendError('NOT_BLEND', /does not begin/));
  await t.rejects(names(ascii('BLENDER17-02v0600....')), blendError('BLEND_UNSUPPORTED', /BLENDER17-02v0600/));
  await t.rejects(names(ascii('BLENDER\x1b]0;x\x07....')), blendError('BLEND_UNSUPPORTED', /BLENDER\?\]0;x/));
  await t.rejects(readBlend(gzipSync(plain)), blendError('BLEND_UNSUPPORTED', /gzip/));
  await t.rejects(readBlend(fixture('scene.blend')), blendError('BLEND_UNSUPPORTED', /zstd/));
  await t.rejects(names(gzipSync(plain).subarray(0, 5000)), blendError('BLEND_CORRUPT', /gzip: unexpected end/));
  await t.rejects(names(gzipSync(new Uint8Array(2 ** 20)), {}), blendError('NOT_BLEND', /does not begin/));
  await t.rejects(build({ code: 'DATA', struct: 'Base', claims: 5000 }), blendError('BLEND_TRUNCATED', /ends beyond/));
  await t.rejects(build({ code: 'DATA', struct: 'Base', claims: -8 }), blendError('BLEND_CORRUPT', /-8 bytes/));
  await t.rejects(build({ code: 'OB', struct: 'Nothing' }), blendError('BLEND_CORRUPT', /is no Object/));
  await t.rejects(
    build({ code: 'OB', struct: 'Object', data: ascii('short') }),
    blendError('BLEND_CORRUPT', /too short/),
  );
  await t.rejects(
    build(
      datablock('OB', 'a', { address: 1, values: { parent: 2 } }),
      datablock('OB', 'b', { address: 2, values: { parent: 1 } }),
    ),
    blendError('BLEND_CORRUPT', /own ancestor/),
  );
  await t.rejects(
    build(datablock('SC', 's', { values: { 'view_layers.first': 7 } })),
    blendError('BLEND_CORRUPT', /broken/),
  );
  await t.rejects(
    build(datablock('SC', 's', { values: { 'view_layers.first': 7 } }), {
      code: 'DATA',
      struct: 'ViewLayer',
      address: 7,
      values: { name: 'again', next: 7 },
    }),
    blendError('BLEND_CORRUPT', /broken/),
  );
  const two = buildBlend(layout, [datablock('OB', 'a', { address: 1 }), datablock('OB', 'b', { address: 2 })]);
  await t.rejects(names(two, { limits: { datablocks: 1 } }), blendError('BLEND_LIMIT', /more than 1 datablocks/));
  await t.rejects(names(two, { limits: { blocks: 2 } }), blendError('BLEND_LIMIT', /more than 2 blocks/));
  await t.rejects(names(two, { limits: { catalogueBytes: 10 } }), blendError('BLEND_LIMIT', /catalogue/));
  const withoutCatalogue = Buffer.from(two.slice());
  withoutCatalogue.write('DATA', withoutCatalogue.indexOf('DNA1'), 'latin1');
  await t.rejects(names(withoutCatalogue), blendError('BLEND_CORRUPT', /no struct catalogue/));
  for (const section of ['SDNA', 'NAME', 'TYPE', 'TLEN', 'STRC']) {
    const damaged = Buffer.from(two.slice());
    damaged.write('????', damaged.indexOf(section), 'latin1');
    await t.rejects(names(damaged), blendError('BLEND_CORRUPT', new RegExp(`no ${section}`)));
  }
  for (const section of ['NAME', 'TYPE', 'STRC']) {
    const huge = Buffer.from(two.slice());
    huge.writeUInt32LE(0xffffffff, huge.indexOf(section) + 4);
    await t.rejects(names(huge), blendError('BLEND_CORRUPT', /cannot hold 4294967295/));
  }
  for (const [from, to] of [
    ['*parent', '*qarent'],
    ['*parent', 'xparent'],
    ['name[66]', 'name[99]'],
  ] as const) {
    const renamed = Buffer.from(two.slice());
    renamed.write(to, renamed.indexOf(from), 'latin1');
    await t.rejects(names(renamed), blendError('BLEND_CORRUPT', /no field|no pointer|outside/));
  }
});

t.test('a gzip bomb stops at the limit', async (t) => {
  const layout = layouts['Blender 5'] as BuildLayout;
  const zeros = 2 ** 26;
  const bomb = gzipSync(buildBlend(layout, [{ code: 'DATA', struct: 'Base', data: new Uint8Array(zeros) }]));
  await t.rejects(names(bomb, { limits: { inflatedBytes: 2 ** 22 } }), blendError('BLEND_LIMIT', /more than 4194304/));
  await t.rejects(names(bomb, { limits: { claimBytes: 2 ** 22 } }), {
    ...blendError('BLEND_LIMIT', /more than \d{7} bytes/),
    limit: 'claimBytes',
  });
  t.same((await names(bomb)).objects, [], 'and is an ordinary file below it');
});

t.test('a zstd bomb takes no more memory than the limit of a frame', async (t) => {
  // A gigabyte in 33 kB: blocks of one repeated byte, with and without the size in the frame's header.
  const blocks = Array.from({ length: 2 ** 13 }, () => ({ type: 1, size: 2 ** 17, body: [0] }));
  const bomb = frame(blocks);
  const sized = join([Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x80, 0x68, 0, 0, 0, 0x40), bomb.subarray(6)]);
  mostAsked = 0;
  for (const bytes of [bomb, sized]) {
    await t.rejects(unpack(bytes), blendError('BLEND_LIMIT', /unpacks to more than 268435456/));
    await t.rejects(names(bytes, { limits: { claimBytes: 2 ** 22 } }), {
      ...blendError('BLEND_LIMIT', /unpacks to more than/),
      limit: 'claimBytes',
    });
  }
  t.equal(mostAsked, 0, 'nothing was unpacked');
  const many = join(Array.from({ length: 9 }, () => frame(blocks.slice(0, 2 ** 10))));
  await t.rejects(names(many, { limits: { inflatedBytes: 2 ** 29 } }), blendError('NOT_BLEND', /does not begin/));
});

t.test('errors of the source pass unchanged', async (t) => {
  const failure = new Error('the disk is gone');
  for (const bytes of [plain, fixture('scene.gz.blend'), fixture('scene.blend')]) {
    const source: BlendSource = {
      size: bytes.length,
      read: async (offset, length) => {
        if (offset > 20_000) throw failure;
        return bytes.subarray(offset, offset + length);
      },
    };
    await t.rejects(names(source), /the disk is gone/);
  }
  const short: BlendSource = { size: plain.length, read: async (offset) => plain.subarray(offset, offset + 2) };
  await t.rejects(names(short), blendError('BLEND_TRUNCATED', /fewer bytes/));
});

t.test('a hundred thousand objects in a chain of parents', async (t) => {
  const layout = layouts['64 bit, little endian'] as BuildLayout;
  const count = 100_000;
  const blocks = Array.from({ length: count }, (_, i) =>
    datablock('OB', `o${i}`, { address: i + 1, values: { parent: i } }),
  );
  const found = await names(buildBlend(layout, blocks));
  t.equal(found.objects.length, count);
  t.ok(found.objects.every(({ topParent }) => topParent === 'o0'));
  t.same(candidateNames(found, 'asset'), ['o0']);
});

t.test('property: damaged files give names or an ExrError, and are read a few times at most', async (t) => {
  const small = buildBlend(layouts['Blender 5'] as BuildLayout, smallScene(layouts['Blender 5'] as BuildLayout));
  const zstd = fixture('scene.blend');
  const files = [small, gzipSync(small), plain, zstd, fixture('packed.ultra.zst'), fixture('packed.fast.zst')];
  const mutation = fc.record({ at: fc.nat(), value: fc.integer({ min: 0, max: 255 }) });
  let mostReads = 0;
  let mostBytes = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: files.length - 1 }),
      fc.array(mutation, { minLength: 1, maxLength: 8 }),
      fc.option(fc.nat(), { nil: undefined, freq: 4 }),
      async (which, mutations, cut) => {
        const original = files[which] as Uint8Array;
        const bytes = original.slice(0, cut === undefined ? undefined : cut % original.length);
        for (const { at, value } of mutations) if (bytes.length > 0) bytes[at % bytes.length] = value;
        let reads = 0;
        let read = 0;
        const counted: BlendSource = {
          size: bytes.length,
          read: async (offset, length) => {
            reads += 1;
            read += length;
            return bytes.subarray(offset, offset + length);
          },
        };
        try {
          if (which > 3) await unpack(bytes);
          else await names(counted);
        } catch (error) {
          if (!isExrError(error)) throw error;
        }
        mostReads = Math.max(mostReads, reads);
        mostBytes = Math.max(mostBytes, read / Math.max(1, bytes.length));
      },
    ),
    { numRuns: 1500 },
  );
  t.ok(mostReads < 1000, `${mostReads} reads of one file`);
  t.ok(mostBytes < 16, `${mostBytes.toFixed(1)} times the bytes of the file`);
});
