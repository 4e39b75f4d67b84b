/**
 * Values of the standard attribute types (OpenEXR file layout, "Predefined attribute types", and ImfStandardAttributes.h).
 * A type not listed here stays bytes.
 */
import { ExrError } from '../model/error.js';
import type { Part } from '../model/header.js';
import { decodeText, encodeText } from '../model/text.js';
import { ByteReader, ByteWriter } from './bytes.js';
import { channelList, structural } from './structural.js';

/** An attribute's value for programs: JSON values only. */
export type AttributeValue = number | string | readonly AttributeValue[] | { readonly [field: string]: AttributeValue };

/** The structure of a type's values, if it is fixed. */
export interface AttributeShape {
  /** Names of the values, in order. */
  readonly fields?: readonly string[];
  /** The number of values. */
  readonly length?: number;
  /** Whether they are whole numbers. */
  readonly whole?: boolean;
}

interface TypeCodec extends AttributeShape {
  /** Bytes that every value takes; undefined for types whose values differ in size. */
  readonly size?: number;
  readonly parse: (reader: ByteReader) => AttributeValue;
  readonly write: (writer: ByteWriter, value: AttributeValue) => void;
}

const f32 = {
  size: 4,
  read: (r: ByteReader) => r.f32(),
  write: (w: ByteWriter, n: number) => void w.f32(finite(n, Math.fround(n), largestFloat)),
};
const f64 = {
  size: 8,
  read: (r: ByteReader) => r.f64(),
  write: (w: ByteWriter, n: number) => void w.f64(finite(n, n, Number.MAX_VALUE)),
};
const i32 = {
  size: 4,
  read: (r: ByteReader) => r.i32(),
  write: (w: ByteWriter, n: number) => void w.i32(integer(n, -(2 ** 31), 2 ** 31 - 1)),
};
const u32 = {
  size: 4,
  read: (r: ByteReader) => r.u32(),
  write: (w: ByteWriter, n: number) => void w.u32(integer(n, 0, 2 ** 32 - 1)),
};
type Scalar = typeof f32;

function one(scalar: Scalar): TypeCodec {
  const { size, read } = scalar;
  return { size, parse: read, write: (writer, value) => scalar.write(writer, number(value)) };
}

/** A fixed number of scalars: vectors, matrices, boxes. */
function row(scalar: Scalar, length: number): TypeCodec {
  return {
    length,
    size: length * scalar.size,
    whole: scalar === i32,
    parse: (reader) => Array.from({ length }, () => scalar.read(reader)),
    write: (writer, value) => {
      for (const item of list(value, length)) scalar.write(writer, number(item));
    },
  };
}

/** As many scalars as the value holds. */
function many(scalar: Scalar): TypeCodec {
  return {
    parse: (reader) => Array.from({ length: Math.floor(reader.left / scalar.size) }, () => scalar.read(reader)),
    write: (writer, value) => {
      for (const item of list(value)) scalar.write(writer, number(item));
    },
  };
}

/** Named scalars, one after the other. */
function record(scalar: Scalar, ...fields: readonly string[]): TypeCodec {
  return {
    fields,
    length: fields.length,
    size: fields.length * scalar.size,
    whole: scalar !== f32,
    parse: (reader) => Object.fromEntries(fields.map((field) => [field, scalar.read(reader)])),
    write: (writer, value) => {
      for (const field of fields) scalar.write(writer, number(member(value, field)));
    },
  };
}

const text: TypeCodec = {
  parse: (reader) => decodeText(reader.take(reader.left)),
  write: (writer, value) => void writer.bytes(encodeText(string(value))),
};

/** Each string is an i32 length and its bytes. */
const texts: TypeCodec = {
  parse(reader) {
    const found: string[] = [];
    while (reader.left > 0) found.push(decodeText(reader.take(reader.i32())));
    return found;
  },
  write(writer, value) {
    for (const item of list(value)) {
      const bytes = encodeText(string(item));
      writer.i32(bytes.length).bytes(bytes);
    }
  },
};

/** Bytes with a hint about their type, which is an i32 length and text (OpenEXR 3.2, ImfBytesAttribute.cpp). */
const opaque: TypeCodec = {
  whole: true,
  parse: (reader) => ({ typeHint: decodeText(reader.take(reader.i32())), data: [...reader.take(reader.left)] }),
  write(writer, value) {
    const hint = encodeText(string(member(value, 'typeHint') ?? ''));
    writer.i32(hint.length).bytes(hint);
    for (const byte of list(member(value, 'data') ?? [])) writer.u8(integer(number(byte), 0, 255));
  },
};

function enumeration(...names: readonly string[]): TypeCodec {
  return {
    size: 1,
    parse(reader) {
      const id = reader.u8();
      return names[id] ?? id;
    },
    write(writer, value) {
      const id = typeof value === 'number' ? value : names.indexOf(string(value));
      if (id < 0) throw bad(value, `one of ${names.join(', ')}`);
      writer.u8(integer(id, 0, 255));
    },
  };
}

const types: ReadonlyMap<string, TypeCodec> = new Map<string, TypeCodec>([
  ['string', text],
  ['stringvector', texts],
  ['int', one(i32)],
  ['float', one(f32)],
  ['double', one(f64)],
  ['floatvector', many(f32)],
  ['v2i', row(i32, 2)],
  ['v2f', row(f32, 2)],
  ['v2d', row(f64, 2)],
  ['v3i', row(i32, 3)],
  ['v3f', row(f32, 3)],
  ['v3d', row(f64, 3)],
  ['m33f', row(f32, 9)],
  ['m33d', row(f64, 9)],
  ['m44f', row(f32, 16)],
  ['m44d', row(f64, 16)],
  ['box2i', row(i32, 4)],
  ['box2f', row(f32, 4)],
  ['rational', { size: 8, parse: (r) => [r.i32(), r.u32()], write: writeRational }],
  ['timecode', record(u32, 'timeAndFlags', 'userData')],
  [
    'keycode',
    record(i32, 'filmMfcCode', 'filmType', 'prefix', 'count', 'perfOffset', 'perfsPerFrame', 'perfsPerCount'),
  ],
  ['chromaticities', record(f32, 'redX', 'redY', 'greenX', 'greenY', 'blueX', 'blueY', 'whiteX', 'whiteY')],
  ['envmap', enumeration('latlong', 'cube')],
  ['deepImageState', enumeration('messy', 'sorted', 'nonOverlapping', 'tidy')],
  ['bytes', opaque],
]);

/** Bytes of every value of types that no command writes. */
const otherSizes: ReadonlyMap<string, number> = new Map([
  ['compression', 1],
  ['lineOrder', 1],
  ['tiledesc', 9],
]);

/**
 * The size determines where the next attribute begins, so a wrong one swallows what follows; OpenEXR also refuses these
 * (OpenEXRCore, parse_header.c). Unknown types may have any size.
 *
 * @throws ExrError of kind `invalid` if the stored bytes cannot be a value of their type: a wrong size, or lists that end
 *   within an item.
 */
export function checkStored(type: string, bytes: Uint8Array): void {
  const size = types.get(type)?.size ?? otherSizes.get(type);
  if (size !== undefined && bytes.length !== size) throw badSize(type, bytes.length, `${size}`);
  if (type === 'floatvector' && bytes.length % f32.size !== 0) throw badSize(type, bytes.length, 'a multiple of 4');
  if (type === 'stringvector') for (const reader = new ByteReader(bytes); reader.left > 0; ) reader.take(reader.i32());
  if (type === 'preview') {
    const reader = new ByteReader(bytes);
    const expected = 8 + 4 * reader.u32() * reader.u32();
    if (bytes.length !== expected) throw badSize(type, bytes.length, `${expected}`);
  }
}

function badSize(type: string, found: number, expected: string): ExrError {
  return new ExrError(
    'invalid',
    'BAD_ATTRIBUTE_SIZE',
    `an attribute of the type "${type}" has ${found} bytes, expected ${expected}`,
    { hint: 'The file is damaged.' },
  );
}

/** The structure of a type's values. */
export function attributeShape(type: string): AttributeShape {
  return types.get(type) ?? {};
}

/** Types whose values set-attribute can write. */
export const writableTypes: readonly string[] = [...types.keys()];

/**
 * The value of an attribute, or undefined for a type only its own program understands.
 *
 * @throws ExrError of kind `invalid` for bytes that do not fit the type.
 */
export function parseAttribute(type: string, bytes: Uint8Array): AttributeValue | undefined {
  switch (type) {
    case 'chlist':
      return channelList.parse(bytes).map((channel) => ({ ...channel, linear: channel.linear ? 1 : 0 }));
    case 'compression':
      return structural.compression.parse(bytes);
    case 'lineOrder':
      return structural.lineOrder.parse(bytes);
    case 'tiledesc':
      return { ...structural.tiles.parse(bytes) };
    case 'preview': {
      const reader = new ByteReader(bytes);
      return { width: reader.u32(), height: reader.u32() };
    }
    default:
      return types.get(type)?.parse(new ByteReader(bytes));
  }
}

/**
 * The bytes for a value.
 *
 * @throws ExrError of kind `usage` when the value does not fit the type or the type cannot be written.
 */
export function formatAttribute(type: string, value: AttributeValue): Uint8Array {
  const codec = types.get(type);
  if (!codec)
    throw new ExrError('usage', 'UNKNOWN_ATTRIBUTE_TYPE', `cannot write attributes of the type "${type}"`, {
      hint: `Types that can be written: ${writableTypes.join(', ')}.`,
    });
  const writer = new ByteWriter();
  codec.write(writer, value);
  return writer.done();
}

/** The text of a string attribute, undefined when there is none or it is of another type. */
export function stringAttribute(attribute: { type: string; value: Uint8Array } | undefined): string | undefined {
  return attribute?.type === 'string' ? decodeText(attribute.value) : undefined;
}

/** The stereo view that a part declares; undefined if it declares none. */
export function partView(part: Pick<Part, 'attributes'> | undefined): string | undefined {
  return stringAttribute(part?.attributes.get('view'));
}

/** A string attribute, as UTF-8. */
export function makeStringAttribute(value: string): { type: string; value: Uint8Array } {
  return { type: 'string', value: encodeText(value) };
}

function writeRational(writer: ByteWriter, value: AttributeValue): void {
  const [numerator, denominator] = list(value, 2);
  i32.write(writer, number(numerator));
  u32.write(writer, number(denominator));
}

function number(value: AttributeValue | undefined): number {
  if (typeof value !== 'number' || Number.isNaN(value)) throw bad(value, 'a number');
  return value;
}

/** The largest number that a 32-bit float holds. */
const largestFloat = 2 ** 128 - 2 ** 104;

/** The number, if its `stored` form is finite too: a number too large for a float would become infinite. */
function finite(value: number, stored: number, most: number): number {
  if (!Number.isFinite(stored)) throw bad(value, `a number from ${-most} to ${most}`);
  return value;
}

function integer(value: number, least: number, most: number): number {
  if (!Number.isInteger(value) || value < least || value > most)
    throw bad(value, `a whole number from ${least} to ${most}`);
  return value;
}

function string(value: AttributeValue): string {
  if (typeof value !== 'string') throw bad(value, 'text');
  return value;
}

function list(value: AttributeValue, length?: number): readonly AttributeValue[] {
  if (!Array.isArray(value)) throw bad(value, 'a list');
  if (length !== undefined && value.length !== length) throw bad(value, `a list of ${length} values`);
  return value;
}

function member(value: AttributeValue, field: string): AttributeValue | undefined {
  if (typeof value !== 'object' || Array.isArray(value)) throw bad(value, 'named fields');
  return Object.entries(value).find(([name]) => name === field)?.[1];
}

function bad(value: unknown, expected: string): ExrError {
  const shown = typeof value === 'number' ? String(value) : JSON.stringify(value);
  return new ExrError('usage', 'BAD_ATTRIBUTE_VALUE', `${shown} is not ${expected}`);
}
