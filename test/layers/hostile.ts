/** Headers of damaged files, and of files that somebody made on purpose. */
import fc from 'fast-check';
import { Attributes, type Header } from '../../lib/index.js';
import { makeHeader, makePart } from '../cryptomatte/fixtures.js';
import { layouts } from './layouts.js';

const piece = fc.constantFrom(
  '',
  '.',
  '..',
  'r',
  'R',
  'red',
  'g',
  'b',
  'a',
  'alpha',
  'Z',
  '0',
  '00',
  '01',
  '7',
  '_',
  '-',
  ' ',
  '/',
  '*',
  '[',
  '{layer}',
  '$1',
  '\n',
  '\u0000',
  'left',
  'right',
  '\\u0009',
  'Crypto',
  'CryptoObject',
  'VL',
  'ids',
  '木',
  '\udc80',
  'x'.repeat(60),
  'y'.repeat(250),
  'constructor',
  '__proto__',
);
const name = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));

const value = fc.oneof(
  fc
    .oneof(
      name,
      fc.constantFrom('{}', '{"a":"00000001"', '{"a":', '[]', 'null', '{"a":"x"}', '{"__proto__":"12345678"}'),
    )
    .map((text) => ({ type: 'string', value: new TextEncoder().encode(text) })),
  fc.record({
    type: fc.constantFrom(
      'string',
      'stringvector',
      'int',
      'box2i',
      'chromaticities',
      'timecode',
      'float',
      'nonsense',
      '',
    ),
    value: fc.uint8Array({ maxLength: 40 }),
  }),
);
const key = fc.oneof(
  name,
  fc.constantFrom(
    'view',
    'multiView',
    'colorInteropID',
    'acesImageContainerFlag',
    'nuke/full_layer_names',
    'chromaticities',
    'timeCode',
    'cycles.VL.samples',
    'cycles..x',
    'exrpipe/viewLayers',
    'name',
    'channels',
    'idManifest',
  ),
  fc
    .tuple(
      fc.constantFrom('cryptomatte/', 'Cryptomatte/', 'exr/cryptomatte/', 'nuke/exr/cryptomatte/'),
      fc.constantFrom('a', 'ABC', '', 'a/b', '1234567', '__proto__'),
      fc.constantFrom('/name', '/manifest', '/hash', '/conversion', '/manif_file', '', '/x/y'),
    )
    .map((pieces) => pieces.join('')),
);

/** Made of pieces that readers look for, and that they stumble over. */
export const madeHeader = fc
  .array(
    fc.record({
      name: fc.option(name, { nil: undefined }),
      channels: fc.array(
        fc.record({ name, type: fc.constantFrom('float' as const, 'half' as const, 'uint' as const) }),
        {
          maxLength: 12,
        },
      ),
      attributes: fc.array(fc.tuple(key, value), { maxLength: 14 }),
    }),
    { maxLength: 4 },
  )
  .map((parts) =>
    makeHeader(
      ...parts.map(({ name: own, channels, attributes }, number) =>
        makePart(channels, {}, { name: own, number, attributes: new Attributes(attributes) }),
      ),
    ),
  );

/** A real layout with attributes that mean nothing good. */
const spoilt = fc.tuple(layouts, fc.array(fc.tuple(key, value), { minLength: 1, maxLength: 6 }), fc.nat()).map(
  ([{ header }, attributes, at]): Header => ({
    ...header,
    parts: header.parts.map((part, number) =>
      number === at % header.parts.length ? { ...part, attributes: part.attributes.merge(attributes) } : part,
    ),
  }),
);

export const hostileHeader: fc.Arbitrary<Header> = fc.oneof(madeHeader, spoilt);
