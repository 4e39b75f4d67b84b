/**
 * The attributes that a reader needs to interpret a file: parsed into the typed fields of a Part, never edited as bytes.
 * Layouts: OpenEXR file layout, "Attribute types" (openexr.com).
 */
import { codecOf, compressionOf } from '../codecs/table.js';
import { ExrError } from '../model/error.js';
import {
  type Box,
  type LineOrder,
  lineOrders,
  type Part,
  type PartType,
  type PixelType,
  pixelTypes,
  type TileDescription,
} from '../model/header.js';
import { decodeText, encodeText } from '../model/text.js';
import { ByteReader, ByteWriter } from './bytes.js';
import { longestName, maxCoordinate } from './limits.js';

/** A channel as stored in a channel list. */
export interface StoredChannel {
  readonly name: string;
  readonly type: PixelType;
  readonly xSampling: number;
  readonly ySampling: number;
  readonly linear: boolean;
}

interface Structural<Value> {
  readonly type: string;
  readonly parse: (bytes: Uint8Array) => Value;
  readonly write: (value: Value) => Uint8Array;
}

export const channelList: Structural<readonly StoredChannel[]> = {
  type: 'chlist',
  parse(bytes) {
    const reader = new ByteReader(bytes);
    const channels: StoredChannel[] = [];
    for (;;) {
      const name = reader.cstring(longestName);
      if (name === '') {
        // The list marks its own end. OpenEXR continues to read past it, whatever size the attribute declares.
        if (reader.left > 0)
          throw new ExrError('invalid', 'BAD_ATTRIBUTE_SIZE', `${reader.left} bytes follow the list of channels`);
        return channels;
      }
      const id = reader.i32();
      const type = pixelTypes[id];
      if (!type) throw new ExrError('invalid', 'BAD_PIXEL_TYPE', `channel "${name}" has the unknown pixel type ${id}`);
      const linear = reader.u8() !== 0;
      reader.take(3);
      const xSampling = reader.i32();
      const ySampling = reader.i32();
      if (xSampling < 1 || ySampling < 1)
        throw new ExrError('invalid', 'BAD_SAMPLING', `channel "${name}" has the sampling ${xSampling} x ${ySampling}`);
      channels.push({ name, type, linear, xSampling, ySampling });
    }
  },
  write(channels) {
    const writer = new ByteWriter();
    for (const { name, type, linear, xSampling, ySampling } of channels)
      writer
        .cstring(name)
        .i32(pixelTypes.indexOf(type))
        .u32(linear ? 1 : 0)
        .i32(xSampling)
        .i32(ySampling);
    return writer.u8(0).done();
  },
};

const compression: Structural<Part['compression']> = {
  type: 'compression',
  parse: (bytes) => compressionOf(new ByteReader(bytes).u8()),
  write: (name) => Uint8Array.of(codecOf(name).id),
};

const box: Structural<Box> = {
  type: 'box2i',
  parse(bytes) {
    const reader = new ByteReader(bytes);
    const value = { xMin: reader.i32(), yMin: reader.i32(), xMax: reader.i32(), yMax: reader.i32() };
    for (const side of Object.values(value))
      if (Math.abs(side) > maxCoordinate)
        throw new ExrError('limit', 'WINDOW_TOO_LARGE', `a window reaches the coordinate ${side}`);
    if (value.xMax < value.xMin || value.yMax < value.yMin)
      throw new ExrError('invalid', 'EMPTY_WINDOW', `the window ${formatBox(value)} is empty`);
    return value;
  },
  write: ({ xMin, yMin, xMax, yMax }) => new ByteWriter().i32(xMin).i32(yMin).i32(xMax).i32(yMax).done(),
};

const lineOrder: Structural<LineOrder> = {
  type: 'lineOrder',
  parse(bytes) {
    const id = new ByteReader(bytes).u8();
    const order = lineOrders[id];
    if (!order) throw new ExrError('invalid', 'BAD_LINE_ORDER', `unknown line order ${id}`);
    return order;
  },
  write: (order) => Uint8Array.of(lineOrders.indexOf(order)),
};

const levelModes = ['one', 'mipmap', 'ripmap'] as const;
const roundings = ['down', 'up'] as const;

const tiles: Structural<TileDescription> = {
  type: 'tiledesc',
  parse(bytes) {
    const reader = new ByteReader(bytes);
    const width = reader.u32();
    const height = reader.u32();
    const mode = reader.u8();
    const levels = levelModes[mode & 15];
    const rounding = roundings[mode >> 4];
    if (!levels || !rounding) throw new ExrError('invalid', 'BAD_TILES', `unknown tile mode ${mode}`);
    if (width < 1 || height < 1 || width > maxCoordinate || height > maxCoordinate)
      throw new ExrError('invalid', 'BAD_TILES', `tiles of ${width} x ${height} pixels`);
    return { width, height, levels, rounding };
  },
  write: ({ width, height, levels, rounding }) =>
    new ByteWriter()
      .u32(width)
      .u32(height)
      .u8(levelModes.indexOf(levels) | (roundings.indexOf(rounding) << 4))
      .done(),
};

const text: Structural<string> = { type: 'string', parse: decodeText, write: encodeText };

const partTypes: readonly PartType[] = ['scanlineimage', 'tiledimage', 'deepscanline', 'deeptile'];

/** The storage kind in a `type` attribute, or undefined if it names none. */
export function parsePartType(bytes: Uint8Array): PartType | undefined {
  const name = decodeText(bytes);
  return partTypes.find((type) => type === name);
}

/** The structural attributes by name. `type` and `chunkCount` are computed and handled separately. */
export const structural = {
  channels: channelList,
  compression,
  dataWindow: box,
  displayWindow: box,
  lineOrder,
  tiles,
  name: text,
} as const;

/** Names no filter may set or drop as plain attributes: changing the bytes alone would break the file. */
export const structuralNames: ReadonlySet<string> = new Set([
  ...Object.keys(structural),
  'type',
  'chunkCount',
  'version',
  'maxSamplesPerPixel',
]);

export function formatBox({ xMin, yMin, xMax, yMax }: Box): string {
  return `(${xMin} ${yMin}) - (${xMax} ${yMax})`;
}
