import t from 'tap';
import { checkStored, formatAttribute, parseAttribute, writableTypes } from '../../lib/format/attribute-types.js';
import { ByteWriter } from '../../lib/format/bytes.js';
import { parseHeader } from '../../lib/format/header-parser.js';
import { writeHeader } from '../../lib/format/header-writer.js';
import { checkChunkClaim, defaultLimits, type LimitName, limitNames, makeLimits } from '../../lib/format/limits.js';
import { type ExrError, isExrError } from '../../lib/model/error.js';
import type { Part } from '../../lib/model/header.js';
import { encodeText } from '../../lib/model/text.js';
import { fixture } from '../support.js';

function errorOf(work: () => unknown): ExrError | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (isExrError(error)) return error;
    throw error;
  }
}

/** A header of the fixture with one more attribute, put in front of it as bytes. */
function withAttribute(name: string, type: string, value: Uint8Array, file = 'scan_zip.exr'): Uint8Array {
  const bytes = fixture(`reference/${file}`);
  const added = new ByteWriter().cstring(name).cstring(type).u32(value.length).bytes(value).done();
  return new Uint8Array(Buffer.concat([bytes.subarray(0, 8), added, bytes.subarray(8)]));
}

t.test('every type of a fixed size is refused with another size, as a flipped bit makes it', async (t) => {
  const sizes: Readonly<Record<string, number>> = {
    box2f: 16,
    box2i: 16,
    chromaticities: 32,
    compression: 1,
    deepImageState: 1,
    double: 8,
    envmap: 1,
    float: 4,
    int: 4,
    keycode: 28,
    lineOrder: 1,
    m33d: 72,
    m33f: 36,
    m44d: 128,
    m44f: 64,
    rational: 8,
    tiledesc: 9,
    timecode: 8,
    v2d: 16,
    v2f: 8,
    v2i: 8,
    v3d: 24,
    v3f: 12,
    v3i: 12,
  };
  const free = ['string', 'stringvector', 'floatvector', 'bytes'];
  t.same(
    writableTypes.filter((type) => !(type in sizes) && !free.includes(type)),
    [],
    'no type is forgotten',
  );
  for (const [type, size] of Object.entries(sizes)) {
    t.equal(
      errorOf(() => checkStored(type, new Uint8Array(size))),
      undefined,
      `${type} of ${size} bytes`,
    );
    for (const other of [0, size - 1, size + 1, size + 256])
      t.match(
        errorOf(() => parseHeader(withAttribute('own', type, new Uint8Array(other)))),
        { kind: 'invalid', code: 'BAD_ATTRIBUTE_SIZE', where: { attribute: 'own', part: undefined } },
        `${type} of ${other} bytes`,
      );
  }
});

t.test('lists and images end where their size puts the end', async (t) => {
  const bad: [string, Uint8Array][] = [
    ['floatvector', new Uint8Array(6)],
    ['stringvector', new ByteWriter().i32(5).bytes(encodeText('left')).done()],
    ['stringvector', new ByteWriter().i32(-1).done()],
    ['preview', new ByteWriter().u32(2).u32(2).bytes(new Uint8Array(15)).done()],
    ['preview', new ByteWriter().u32(0xffffffff).u32(0xffffffff).done()],
  ];
  for (const [type, value] of bad)
    t.equal(errorOf(() => parseHeader(withAttribute('own', type, value)))?.kind, 'invalid', type);
  const good: [string, Uint8Array][] = [
    ['floatvector', new Uint8Array(8)],
    ['stringvector', new ByteWriter().i32(4).bytes(encodeText('left')).i32(0).done()],
    ['preview', new ByteWriter().u32(2).u32(2).bytes(new Uint8Array(16)).done()],
    ['of a program of its own', new Uint8Array(3)],
  ];
  for (const [type, value] of good)
    t.equal(
      errorOf(() => parseHeader(withAttribute('own', type, value))),
      undefined,
      type,
    );
  const { header } = parseHeader(fixture('reference/scan_zip.exr'));
  const list = header.parts[0]?.attributes.get('channels')?.value as Uint8Array;
  const padded = new Uint8Array(list.length + 4);
  padded.set(list);
  t.equal(
    errorOf(() => parseAttribute('chlist', padded))?.code,
    'BAD_ATTRIBUTE_SIZE',
    'a list of channels with more behind it',
  );
});

t.test('the writer refuses them too', async (t) => {
  const { header } = parseHeader(fixture('reference/scan_zip.exr'));
  const [part] = header.parts as [Part];
  const attributes = part.attributes.with('own', { type: 'v2f', value: new Uint8Array(9) });
  t.match(
    errorOf(() => writeHeader({ ...header, parts: [{ ...part, attributes }] })),
    {
      code: 'BAD_ATTRIBUTE_SIZE',
      where: { attribute: 'own' },
    },
  );
});

t.test('a repeated attribute: the last counts, unless it changes the nature of the file', async (t) => {
  const twice = (name: string, type: string, value: Uint8Array) =>
    errorOf(() => parseHeader(withAttribute(name, type, value)))?.code;
  t.equal(twice('pixelAspectRatio', 'float', formatAttribute('float', 2)), undefined);
  t.equal(twice('pixelAspectRatio', 'int', formatAttribute('int', 2)), 'DUPLICATE_ATTRIBUTE');
  for (const name of ['channels', 'compression', 'dataWindow', 'lineOrder']) {
    const { header } = parseHeader(fixture('reference/scan_zip.exr'));
    const { type, value } = header.parts[0]?.attributes.get(name) ?? { type: '', value: new Uint8Array() };
    t.equal(twice(name, type, value), 'DUPLICATE_ATTRIBUTE', name);
  }
  t.equal(twice('own', '', new Uint8Array(1)), 'BAD_ATTRIBUTE_TYPE', 'and one without a type');
});

t.test('every limit of a header is met, named, and can be raised', async (t) => {
  const manifest = withAttribute('cryptomatte/1234567/manifest', 'string', new Uint8Array(500));
  const parts = fixture('reference/parts.exr');
  const cases: [LimitName, Uint8Array, number][] = [
    ['headerBytes', parts, 100],
    ['attributeBytes', parts, 20],
    ['manifestBytes', manifest, 499],
    ['attributes', parts, 20],
    ['parts', parts, 2],
    ['channelsPerPart', parts, 1],
    ['channels', parts, 2],
    ['pixels', parts, 1000],
    ['chunksPerPart', parts, 1],
    ['chunks', parts, 10],
  ];
  for (const [name, bytes, value] of cases) {
    const error = errorOf(() => parseHeader(bytes, makeLimits({ [name]: value })));
    t.match(error, { kind: 'limit', limit: name, hint: new RegExp(`"${name}"`) }, name);
    t.match(error?.message, new RegExp(`the limit "${name}" is ${value}`));
    t.equal(error?.at({ file: 'x.exr' }).limit, name, 'whatever place is added');
    t.equal(
      errorOf(() => parseHeader(bytes)),
      undefined,
      'by default it is not met',
    );
  }
  const elsewhere: LimitName[] = ['sideFileBytes', 'chunkBytes', 'claimBytes'];
  t.same([...cases.map(([name]) => name), ...elsewhere].sort(), [...limitNames].sort(), 'no limit is forgotten');
});

t.test('limits that do not exist, or are not numbers, are usage errors', async (t) => {
  t.equal(makeLimits(), defaultLimits);
  t.equal(makeLimits({ chunks: 7 }).chunks, 7);
  t.equal(makeLimits({ chunks: 7 }).parts, defaultLimits.parts);
  for (const value of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])
    t.match(
      errorOf(() => makeLimits({ chunks: value })),
      { kind: 'usage', code: 'BAD_LIMIT' },
    );
  for (const name of ['chunk', '__proto__', 'toString'])
    t.match(
      errorOf(() => makeLimits(JSON.parse(`{"${name}":1}`))),
      { code: 'BAD_LIMIT' },
      name,
    );
});

t.test('a chunk may claim much where much is there', async (t) => {
  const claim = (unpacked: number, there: number) =>
    errorOf(() => checkChunkClaim(unpacked, there, defaultLimits))?.limit;
  t.equal(claim(256 << 20, 1000), undefined, 'up to 256 MiB nobody asks');
  t.equal(claim((256 << 20) + 1, 1000), 'claimBytes');
  t.equal(claim(960e6, 1e6), 'claimBytes');
  t.equal(claim(960e6, 9.6e6), undefined, 'a hundredth is there');
  t.equal(claim(2 ** 30 + 1, 2 ** 31), 'chunkBytes');
});

t.test('numbers that a type cannot hold are refused', async (t) => {
  const bad: [string, Parameters<typeof formatAttribute>[1]][] = [
    ['float', 1e300],
    ['float', 3.5e38],
    ['float', Number.POSITIVE_INFINITY],
    ['double', Number.NEGATIVE_INFINITY],
    ['floatvector', [1, 1e39]],
    ['v2f', [1e39, 0]],
    ['v3d', [0, 0, Number.POSITIVE_INFINITY]],
    ['m33f', [1e39, 0, 0, 0, 1, 0, 0, 0, 1]],
    ['box2f', [0, 0, 1, -1e39]],
    ['int', 2 ** 31],
    ['int', 0.5],
    ['v2i', [0, -(2 ** 31) - 1]],
    ['rational', [1, -1]],
    ['timecode', { timeAndFlags: 2 ** 32, userData: 0 }],
    ['envmap', 256],
  ];
  for (const [type, value] of bad)
    t.match(
      errorOf(() => formatAttribute(type, value)),
      { kind: 'usage', code: 'BAD_ATTRIBUTE_VALUE' },
      type,
    );
  t.match(errorOf(() => formatAttribute('float', 1e300))?.message, /1e\+300 is not a number from -3\.4/);
  for (const value of [3.4028234663852886e38, -3.4028234663852886e38, 1e-300, 0])
    t.equal(
      errorOf(() => formatAttribute('float', value)),
      undefined,
      String(value),
    );
});
