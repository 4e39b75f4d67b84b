import fc from 'fast-check';
import t from 'tap';
import { formatAttribute, parseAttribute, writableTypes } from '../../lib/format/attribute-types.js';
import { Geometry } from '../../lib/format/geometry.js';
import { HeaderParser, parseHeader } from '../../lib/format/header-parser.js';
import { writeHeader } from '../../lib/format/header-writer.js';
import { defaultLimits } from '../../lib/format/limits.js';
import { structuralNames } from '../../lib/format/structural.js';
import { type Attribute, Attributes } from '../../lib/model/attributes.js';
import { isExrError } from '../../lib/model/error.js';
import type { Header, Part } from '../../lib/model/header.js';
import { compareText, decodeText, encodeText } from '../../lib/model/text.js';
import { fixture, referenceFiles } from '../support.js';

const files = [
  ...referenceFiles().map((name) => `reference/${name}`),
  'blender/b2_main_dot.0001.exr',
  'blender/b2_longname.0001.exr',
];

function codeOf(work: () => unknown): string {
  try {
    work();
    return 'no error';
  } catch (error) {
    return isExrError(error) ? error.code : String(error);
  }
}

t.test('text survives decoding, valid UTF-8 or not', async () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) =>
      Buffer.from(encodeText(decodeText(bytes))).equals(Buffer.from(bytes)),
    ),
    { numRuns: 2000 },
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => !text.isWellFormed() || decodeText(encodeText(text)) === text),
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      const byBytes = Buffer.compare(Buffer.from(encodeText(a)), Buffer.from(encodeText(b)));
      return Math.sign(compareText(a, b)) === byBytes;
    }),
  );
});

t.test('a parsed header written again is byte-identical, also fed one byte at a time', async (t) => {
  for (const name of files) {
    const bytes = fixture(name);
    const { header, length } = parseHeader(bytes);
    t.ok(Buffer.from(bytes.subarray(0, length)).equals(writeHeader(header)), name);
    const parser = new HeaderParser();
    let found: ReturnType<HeaderParser['push']>;
    let fed = 0;
    while (!found) found = parser.push(bytes.subarray(fed, ++fed));
    t.same([fed, found.length], [length, length], `${name} byte by byte`);
    t.same(found.header, header);
  }
});

const attributeArbitrary = fc.oneof(
  fc.record({
    type: fc.constantFrom('string', 'my own type', 'ünï'),
    value: fc.uint8Array({ maxLength: 300 }),
  }),
  fc.record({ type: fc.constant('float'), value: fc.uint8Array({ minLength: 4, maxLength: 4 }) }),
  fc.record({ type: fc.constant('m44f'), value: fc.uint8Array({ minLength: 64, maxLength: 64 }) }),
);

/** Names as bytes: not empty, no zero, and none that the engine understands. */
const nameArbitrary = fc
  .uint8Array({ minLength: 1, maxLength: 60, min: 1 })
  .map(decodeText)
  .filter((name) => !structuralNames.has(name));

t.test(
  'attributes of any name, type and value survive; the long-name flag is set exactly when a name needs it',
  async (t) => {
    const { header } = parseHeader(fixture('reference/scan_zip.exr'));
    const [part] = header.parts as [Part];
    fc.assert(
      fc.property(fc.array(fc.tuple(nameArbitrary, attributeArbitrary), { maxLength: 8 }), (added) => {
        const attributes = part.attributes.merge(added);
        const bytes = writeHeader({ ...header, parts: [{ ...part, attributes }] });
        const again = parseHeader(bytes);
        t.same([...(again.header.parts[0] as Part).attributes], [...attributes]);
        t.ok(Buffer.from(writeHeader(again.header)).equals(bytes));
        const needs = [...attributes].some(
          ([name, { type }]) => encodeText(name).length > 31 || encodeText(type).length > 31,
        );
        return again.header.longNames === needs;
      }),
      { numRuns: 200 },
    );
    const long = part.channels.map((channel, i) => (i === 0 ? { ...channel, name: `A${'x'.repeat(31)}` } : channel));
    t.equal(parseHeader(writeHeader({ ...header, parts: [{ ...part, channels: long }] })).header.longNames, true);
    const tooLong: Part = {
      ...part,
      name: 'x',
      attributes: part.attributes.with('y'.repeat(256), { type: 'int', value: new Uint8Array(4) }),
    };
    for (const longNames of [false, true])
      t.equal(
        codeOf(() => writeHeader({ ...header, longNames, parts: [tooLong] })),
        'NAME_TOO_LONG',
      );
  },
);

t.test('an unsorted channel list stays as it lies while nothing changes it, and means sorted planes', async (t) => {
  const bytes = fixture('reference/scan_zip.exr').slice();
  const at = Buffer.from(bytes).indexOf('A\0\x01');
  bytes[at] = 'S'.charCodeAt(0);
  const { header, length } = parseHeader(bytes);
  t.same((header.parts[0] as Part).channels.map(({ name }) => name).slice(0, 5), ['B', 'G', 'R', 'S', 'Z']);
  t.ok(Buffer.from(bytes.subarray(0, length)).equals(writeHeader(header)));
});

t.test('random damage to a header gives an error of ours or a header, never anything else', async () => {
  for (const name of files) {
    const bytes = fixture(name);
    const { length } = parseHeader(bytes);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }), (changes) => {
        const damaged = bytes.slice(0, length + 64);
        for (const [at, value] of changes) damaged[at] = value;
        const code = codeOf(() => writeHeader(parseHeader(damaged).header));
        return /^[A-Z_]+$|^no error$/.test(code);
      }),
      { numRuns: 150 },
    );
    fc.assert(
      fc.property(fc.nat(length - 1), (cut) => codeOf(() => parseHeader(bytes.slice(0, cut))) === 'HEADER_TRUNCATED'),
      { numRuns: 30 },
    );
  }
});

t.test('lies about sizes meet a limit before memory is reserved', async (t) => {
  const bytes = fixture('reference/scan_zip.exr');
  const claim = (value: number) => {
    const lie = bytes.slice();
    const at = Buffer.from(lie).indexOf('channels\0chlist\0') + 16;
    new DataView(lie.buffer).setInt32(at, value, true);
    return codeOf(() => parseHeader(lie));
  };
  t.equal(claim(-1), 'BAD_ATTRIBUTE_SIZE');
  t.equal(claim(0x7fffffff), 'ATTRIBUTE_TOO_LARGE');
  t.equal(claim(1 << 20), 'HEADER_TRUNCATED');
  t.equal(
    codeOf(() => parseHeader(bytes, { ...defaultLimits, headerBytes: 100 })),
    'HEADER_TOO_LARGE',
  );
  t.equal(
    codeOf(() => parseHeader(bytes, { ...defaultLimits, channelsPerPart: 3 })),
    'TOO_MANY_CHANNELS',
  );
  t.equal(
    codeOf(() => parseHeader(bytes, { ...defaultLimits, chunksPerPart: 1 })),
    'TOO_MANY_CHUNKS',
  );
  t.equal(
    codeOf(() => parseHeader(fixture('reference/parts.exr'), { ...defaultLimits, parts: 2 })),
    'TOO_MANY_PARTS',
  );
  t.equal(
    codeOf(() => parseHeader(new Uint8Array(100))),
    'NOT_EXR',
  );
});

t.test('rules between parts are kept by the writer', async (t) => {
  const { header } = parseHeader(fixture('reference/parts.exr'));
  const [first, second] = header.parts as [Part, Part];
  const write = (...parts: Part[]) => codeOf(() => writeHeader({ ...header, parts }));
  t.equal(write(first, { ...second, name: 'beauty' }), 'DUPLICATE_PART_NAME');
  t.equal(write(first, { ...second, name: undefined }), 'PART_WITHOUT_NAME');
  t.equal(
    write(first, { ...second, displayWindow: { ...second.displayWindow, xMax: 99 } }),
    'SHARED_ATTRIBUTE_DIFFERS',
  );
  const primaries: Attribute = { type: 'chromaticities', value: new Uint8Array(32) };
  t.equal(
    write(first, { ...second, attributes: second.attributes.with('chromaticities', primaries) }),
    'SHARED_ATTRIBUTE_DIFFERS',
  );
  t.equal(write({ ...first, attributes: first.attributes.with('chromaticities', primaries) }, second), 'no error');
  t.equal(
    write(first, { ...second, channels: second.channels.flatMap((channel) => [channel, channel]) }),
    'CHANNELS_NOT_SORTED',
  );
});

t.test('a part that moves between single-part and multi-part files gets and keeps what it needs', async (t) => {
  const parts = parseHeader(fixture('reference/parts.exr')).header;
  for (const part of parts.parts) {
    const alone: Header = { parts: [part], longNames: false, multiPart: false };
    const again = parseHeader(writeHeader(alone)).header;
    t.equal(again.multiPart, false);
    t.equal(again.parts[0]?.type, part.type);
    t.same(again.parts[0]?.tiles, part.tiles);
  }
  const single = parseHeader(fixture('reference/tiles_one.exr')).header.parts[0] as Part;
  const bare = { ...single, attributes: single.attributes.without('type').without('chunkCount') };
  const pair = parseHeader(
    writeHeader({
      longNames: false,
      multiPart: true,
      parts: [
        { ...bare, name: 'a' },
        { ...bare, name: 'b' },
      ],
    }),
  );
  t.same(
    pair.header.parts.map(({ name, type }) => [name, type]),
    [
      ['a', 'tiledimage'],
      ['b', 'tiledimage'],
    ],
  );
  t.ok(pair.header.parts.every(({ attributes }) => attributes.has('chunkCount')));
});

t.test('values of every standard attribute type survive', async (t) => {
  const scalar: Record<string, unknown> = {
    string: 'Grün',
    stringvector: ['left', 'right', ''],
    int: -7,
    float: 0.5,
    double: 0.1,
    floatvector: [1, 2.5],
    rational: [24000, 1001],
    timecode: { timeAndFlags: 0x01020304, userData: 0 },
    keycode: { filmMfcCode: 1, filmType: 2, prefix: 3, count: 4, perfOffset: 5, perfsPerFrame: 6, perfsPerCount: 7 },
    chromaticities: {
      redX: 0.5,
      redY: 0.25,
      greenX: 0.5,
      greenY: 0.25,
      blueX: 0.5,
      blueY: 0.25,
      whiteX: 0.5,
      whiteY: 0.25,
    },
    envmap: 'cube',
    deepImageState: 'tidy',
    bytes: { typeHint: 'raw', data: [1, 2, 255] },
  };
  for (const type of writableTypes) {
    const length = { v2: 2, v3: 3, m33: 9, m44: 16, bo: 4 }[/^(v2|v3|m33|m44|bo)/.exec(type)?.[0] ?? ''] ?? 0;
    const value = (scalar[type] ?? Array.from({ length }, (_, i) => i)) as Parameters<typeof formatAttribute>[1];
    t.same(parseAttribute(type, formatAttribute(type, value)), value, type);
  }
  t.equal(
    codeOf(() => formatAttribute('idmanifest', 'x')),
    'UNKNOWN_ATTRIBUTE_TYPE',
  );
  t.equal(
    codeOf(() => formatAttribute('int', 1.5)),
    'BAD_ATTRIBUTE_VALUE',
  );
  t.equal(
    codeOf(() => formatAttribute('v3f', [1, 2])),
    'BAD_ATTRIBUTE_VALUE',
  );
  t.equal(parseAttribute('idmanifest', new Uint8Array(9)), undefined);
  t.equal(
    codeOf(() => parseAttribute('v3f', new Uint8Array(9))),
    'VALUE_TRUNCATED',
  );
});

t.test('geometry: chunks cover the window exactly, and numbers and places agree', async () => {
  const window = fc.record({
    xMin: fc.integer({ min: -50, max: 50 }),
    yMin: fc.integer({ min: -50, max: 50 }),
    width: fc.integer({ min: 1, max: 90 }),
    height: fc.integer({ min: 1, max: 90 }),
  });
  const tiles = fc.option(
    fc.record({
      width: fc.integer({ min: 1, max: 40 }),
      height: fc.integer({ min: 1, max: 40 }),
      levels: fc.constantFrom('one' as const, 'mipmap' as const, 'ripmap' as const),
      rounding: fc.constantFrom('down' as const, 'up' as const),
    }),
    { nil: undefined },
  );
  fc.assert(
    fc.property(
      window,
      tiles,
      fc.constantFrom('none' as const, 'zip' as const, 'piz' as const, 'dwab' as const),
      (w, tile, compression) => {
        const geometry = new Geometry({
          type: tile ? 'tiledimage' : 'scanlineimage',
          compression,
          tiles: tile,
          dataWindow: { xMin: w.xMin, yMin: w.yMin, xMax: w.xMin + w.width - 1, yMax: w.yMin + w.height - 1 },
        });
        let pixels = 0;
        for (let index = 0; index < geometry.chunkCount; index++) {
          const place = geometry.place(index);
          if (geometry.index(place) !== index) return false;
          const region = geometry.region(index);
          if (place.kind === 'lines' || (place.lx === 0 && place.ly === 0)) {
            pixels += region.width * region.height;
            if (!geometry.overlapping(region).includes(index)) return false;
          }
        }
        return pixels === w.width * w.height;
      },
    ),
    { numRuns: 400 },
  );
});

t.test('attributes keep their place when changed', async (t) => {
  const a = new Attributes([
    ['one', { type: 'int', value: new Uint8Array(4) }],
    ['two', { type: 'int', value: new Uint8Array(4) }],
  ]);
  t.same(a.with('one', { type: 'float', value: new Uint8Array(4) }).names(), ['one', 'two']);
  t.same(
    a
      .without('one')
      .with('one', { type: 'int', value: new Uint8Array(4) })
      .names(),
    ['two', 'one'],
  );
  t.same(a.names(), ['one', 'two'], 'and nothing changes in place');
});
