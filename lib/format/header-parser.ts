import { type Attribute, Attributes } from '../model/attributes.js';
import { type ErrorPlace, ExrError, withPlace } from '../model/error.js';
import type { Channel, Header, Part, PartType } from '../model/header.js';
import { compareText } from '../model/text.js';
import { checkStored } from './attribute-types.js';
import { ByteReader } from './bytes.js';
import { boxHeight, boxWidth, Geometry, knowsChunks } from './geometry.js';
import { defaultLimits, type LimitName, type Limits, limitError, longestName } from './limits.js';
import { parsePartType, type StoredChannel, structural, structuralNames } from './structural.js';
import { flags, magic, versionMask } from './version.js';

/** A header as stored in a file. */
export interface ParsedHeader {
  readonly header: Header;
  /** Bytes from the beginning of the file to the first offset table. */
  readonly length: number;
  /**
   * Chunks of each part: the sizes of the offset tables that follow. Undefined if only the file's chunks can tell: in a part of
   * scan lines with a compression that exrpipe does not decode, and without `chunkCount`.
   */
  readonly chunkCounts: readonly (number | undefined)[];
}

/** The totals of all parts that have limits. */
type HeaderSums = Record<'attributes' | 'channels' | 'pixels' | 'chunks', number>;

/**
 * Parses a file's headers from bytes that arrive in pieces of any size. Sans-IO: the caller pushes bytes until
 * there is a result. Work is proportional to the bytes pushed, however small the pieces.
 *
 * @throws ExrError of kind `invalid` for bytes no OpenEXR file has, `unsupported` for a newer format, `limit` beyond the
 *   limits.
 */
export class HeaderParser {
  readonly #limits: Limits;
  #buffer = new Uint8Array(4096);
  #filled = 0;
  /** Everything before this byte is parsed. */
  #at = 0;
  /** Trying again is pointless before this many bytes have arrived. */
  #needed = 8;
  #version: number | undefined;
  #entries = new Map<string, Attribute>();
  /** The parts' totals so far. */
  readonly #sums: HeaderSums = { attributes: 0, channels: 0, pixels: 0, chunks: 0 };
  readonly #parts: Part[] = [];
  readonly #counts: (number | undefined)[] = [];

  constructor(limits: Limits = defaultLimits) {
    this.#limits = limits;
  }

  /** Bytes received, including any beyond the header. */
  get received(): Uint8Array {
    return this.#buffer.subarray(0, this.#filled);
  }

  push(bytes: Uint8Array): ParsedHeader | undefined {
    this.#append(bytes);
    while (this.#filled >= this.#needed) {
      const result = this.#step();
      if (result) return result;
    }
    return undefined;
  }

  /** The error for input that ended before the header did. */
  truncated(): ExrError {
    return new ExrError('invalid', 'HEADER_TRUNCATED', `the file ends inside its header, after ${this.#filled} bytes`, {
      hint: 'The file is cut off; copy or render it again.',
    });
  }

  #step(): ParsedHeader | undefined {
    if (this.#version === undefined) {
      this.#version = readVersion(this.#buffer);
      this.#advance(8, 1);
      return undefined;
    }
    if (this.#buffer[this.#at] !== 0) {
      this.#attribute();
      return undefined;
    }
    const multiPart = (this.#version & flags.multiPart) !== 0;
    if (multiPart && this.#entries.size === 0 && this.#parts.length > 0) return this.#finish(this.#at + 1);
    this.#endPart(multiPart);
    if (!multiPart) return this.#finish(this.#at + 1);
    this.#advance(1, 1);
    return undefined;
  }

  /** Parses the attribute at the cursor, or records how many bytes it needs. */
  #attribute(): void {
    const nameEnd = this.#terminator(this.#at);
    if (nameEnd === undefined) return;
    const typeEnd = this.#terminator(nameEnd + 1);
    if (typeEnd === undefined) return;
    const valueAt = typeEnd + 5;
    if (this.#filled < valueAt) {
      this.#needed = valueAt;
      return;
    }
    const reader = new ByteReader(this.#buffer.subarray(this.#at, valueAt));
    const name = reader.cstring(longestName);
    const type = reader.cstring(longestName);
    const size = reader.i32();
    const where = { attribute: name, offset: this.#at };
    if (size < 0) throw new ExrError('invalid', 'BAD_ATTRIBUTE_SIZE', `an attribute declares ${size} bytes`, { where });
    const most: LimitName = isManifest(name) ? 'manifestBytes' : 'attributeBytes';
    if (size > this.#limits[most])
      throw limitError(most, this.#limits, 'ATTRIBUTE_TOO_LARGE', `an attribute declares ${size} bytes`, where);
    const end = valueAt + size;
    if (end > this.#limits.headerBytes)
      throw limitError('headerBytes', this.#limits, 'HEADER_TOO_LARGE', `the header declares ${end} bytes`, where);
    if (this.#filled < valueAt + size) {
      this.#needed = valueAt + size;
      return;
    }
    this.#add('attributes', 1, 'TOO_MANY_ATTRIBUTES');
    this.#enter(name, { type, value: this.#buffer.slice(valueAt, valueAt + size) }, where);
    this.#advance(valueAt + size - this.#at, 1);
  }

  /**
   * A repeated value replaces the first, as in OpenEXR; if that would change the nature of the file (another type, or the
   * attributes that define how to read it), OpenEXR refuses it, or merges both lists of channels.
   */
  #enter(name: string, attribute: Attribute, where: ErrorPlace): void {
    const { type, value } = attribute;
    if (type === '') throw new ExrError('invalid', 'BAD_ATTRIBUTE_TYPE', 'an attribute has no type', { where });
    const before = this.#entries.get(name);
    if (before && (before.type !== type || structuralNames.has(name)))
      throw new ExrError('invalid', 'DUPLICATE_ATTRIBUTE', 'an attribute occurs twice', { where });
    try {
      checkStored(type, value);
    } catch (error) {
      throw withPlace(error, where);
    }
    this.#entries.set(name, attribute);
  }

  /**
   * Adds to the totals of all parts.
   *
   * @throws ExrError of kind `limit` beyond the limit of that name.
   */
  #add(name: keyof HeaderSums, more: number, code: string): void {
    this.#sums[name] += more;
    if (this.#sums[name] > this.#limits[name])
      throw limitError(name, this.#limits, code, `the file declares ${this.#sums[name]} ${name}`);
  }

  /** Position of the zero byte that ends the name at `from`; undefined (and `needed` set) while it has not arrived. */
  #terminator(from: number): number | undefined {
    const end = this.#buffer.subarray(from, Math.min(this.#filled, from + longestName + 1)).indexOf(0);
    if (end >= 0) return from + end;
    if (this.#filled > from + longestName)
      throw new ExrError('invalid', 'NAME_TOO_LONG', `a name in the header is longer than ${longestName} bytes`, {
        where: { offset: from },
      });
    this.#needed = this.#filled + 1;
    return undefined;
  }

  #endPart(multiPart: boolean): void {
    const part = this.#parts.length;
    if (part >= this.#limits.parts)
      throw limitError('parts', this.#limits, 'TOO_MANY_PARTS', `the file declares more than ${part} parts`);
    try {
      const deep = ((this.#version ?? 0) & flags.deep) !== 0;
      const tiled = ((this.#version ?? 0) & flags.tiled) !== 0;
      const parsed = readPart(new Attributes(this.#entries), part, { multiPart, deep, tiled }, this.#limits);
      const { dataWindow, channels } = parsed.part;
      this.#add('channels', channels.length, 'TOO_MANY_CHANNELS');
      this.#add('pixels', boxWidth(dataWindow) * boxHeight(dataWindow), 'TOO_MANY_PIXELS');
      this.#add('chunks', parsed.chunkCount ?? 0, 'TOO_MANY_CHUNKS');
      this.#parts.push(parsed.part);
      this.#counts.push(parsed.chunkCount);
    } catch (error) {
      throw withPlace(error, { part });
    }
    this.#entries = new Map();
  }

  #finish(length: number): ParsedHeader {
    const version = this.#version ?? 0;
    return {
      header: {
        parts: this.#parts,
        longNames: (version & flags.longNames) !== 0,
        multiPart: (version & flags.multiPart) !== 0,
      },
      length,
      chunkCounts: this.#counts,
    };
  }

  #advance(bytes: number, more: number): void {
    this.#at += bytes;
    this.#needed = this.#at + more;
  }

  #append(bytes: Uint8Array): void {
    const filled = this.#filled + bytes.length;
    if (filled > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(filled, this.#buffer.length * 2));
      grown.set(this.received);
      this.#buffer = grown;
    }
    this.#buffer.set(bytes, this.#filled);
    this.#filled = filled;
  }
}

/** Parses a header that is in memory whole (it may be followed by anything). */
export function parseHeader(bytes: Uint8Array, limits: Limits = defaultLimits): ParsedHeader {
  const parser = new HeaderParser(limits);
  const result = parser.push(bytes);
  if (!result) throw parser.truncated();
  return result;
}

function readVersion(bytes: Uint8Array): number {
  const reader = new ByteReader(bytes);
  if (reader.u32() !== magic)
    throw new ExrError(
      'invalid',
      'NOT_EXR',
      'this is not an OpenEXR file: it does not begin with the bytes 76 2f 31 01',
    );
  const field = reader.u32();
  const version = field & versionMask;
  const known = versionMask | flags.tiled | flags.longNames | flags.deep | flags.multiPart;
  if (version < 1 || version > 2 || (field & ~known) !== 0)
    throw new ExrError('unsupported', 'UNKNOWN_VERSION', `unknown OpenEXR version field 0x${field.toString(16)}`);
  if ((field & flags.tiled) !== 0 && (field & (flags.deep | flags.multiPart)) !== 0)
    throw new ExrError(
      'invalid',
      'BAD_FLAGS',
      'the version field marks the file as single-part tiled and as deep or multi-part',
    );
  return field;
}

/** The attributes that hold names by the thousand (Cryptomatte specification 1.2.0, "Metadata"). */
function isManifest(name: string): boolean {
  return name.startsWith('cryptomatte/') && name.endsWith('/manifest');
}

interface FileFlags {
  readonly multiPart: boolean;
  readonly deep: boolean;
  readonly tiled: boolean;
}

function readPart(
  attributes: Attributes,
  number: number,
  file: FileFlags,
  limits: Limits,
): { part: Part; chunkCount: number | undefined } {
  const type = readType(attributes, file);
  const tiled = type === 'tiledimage' || type === 'deeptile';
  const part: Part = {
    name: attributes.has('name') ? required(attributes, 'name') : undefined,
    type,
    compression: required(attributes, 'compression'),
    channels: numberPlanes(required(attributes, 'channels'), number, limits),
    dataWindow: required(attributes, 'dataWindow'),
    displayWindow: required(attributes, 'displayWindow'),
    lineOrder: required(attributes, 'lineOrder'),
    tiles: tiled ? required(attributes, 'tiles') : undefined,
    attributes,
  };
  const claimed = attributes.get('chunkCount');
  const claim = claimed && new ByteReader(claimed.value).i32();
  const chunkCount = knowsChunks(part) ? new Geometry(part).chunkCount : claim;
  if (chunkCount === undefined) return { part, chunkCount };
  if (chunkCount < 1) throw new ExrError('invalid', 'BAD_CHUNK_COUNT', `the part declares ${chunkCount} chunks`);
  if (chunkCount > limits.chunksPerPart)
    throw limitError('chunksPerPart', limits, 'TOO_MANY_CHUNKS', `the part declares ${chunkCount} chunks`);
  if (file.multiPart && claim !== undefined && claim !== chunkCount)
    throw new ExrError(
      'invalid',
      'BAD_CHUNK_COUNT',
      `chunkCount does not agree with the window: it should be ${chunkCount}`,
    );
  return { part, chunkCount };
}

function required<Name extends keyof typeof structural>(
  attributes: Attributes,
  name: Name,
): ReturnType<(typeof structural)[Name]['parse']> {
  const { type, parse } = structural[name];
  const attribute = attributes.get(name);
  if (!attribute) throw new ExrError('invalid', 'MISSING_ATTRIBUTE', `the required attribute "${name}" is missing`);
  try {
    if (attribute.type !== type)
      throw new ExrError('invalid', 'BAD_ATTRIBUTE_TYPE', `has the type "${attribute.type}" instead of "${type}"`);
    return parse(attribute.value) as ReturnType<(typeof structural)[Name]['parse']>;
  } catch (error) {
    throw withPlace(error, { attribute: name });
  }
}

/**
 * In single-part flat files the version flags decide and a wrong `type` attribute is overruled,
 * as the reference library does (files of early 2.0 writers have such).
 */
function readType(attributes: Attributes, file: FileFlags): PartType {
  if (!file.multiPart && !file.deep) return file.tiled ? 'tiledimage' : 'scanlineimage';
  const attribute = attributes.get('type');
  const type = attribute && parsePartType(attribute.value);
  if (!type)
    throw new ExrError(
      'invalid',
      'BAD_PART_TYPE',
      'the part has no valid "type" attribute, which multi-part and deep files need',
    );
  return type;
}

/**
 * Gives every channel the number of its plane. Readers sort the list by name before they take planes from it,
 * so a list stored unsorted still means planes in sorted order.
 */
function numberPlanes(stored: readonly StoredChannel[], part: number, limits: Limits): Channel[] {
  if (stored.length === 0) throw new ExrError('invalid', 'NO_CHANNELS', 'the part has no channels');
  if (stored.length > limits.channelsPerPart)
    throw limitError('channelsPerPart', limits, 'TOO_MANY_CHANNELS', `the part has ${stored.length} channels`);
  const sorted = stored.toSorted((a, b) => compareText(a.name, b.name));
  sorted.forEach(({ name }, index) => {
    if (sorted[index + 1]?.name === name)
      throw new ExrError('invalid', 'DUPLICATE_CHANNEL', `the channel "${name}" is listed twice`);
  });
  return sorted.map((channel, index) => ({ ...channel, plane: { part, index } }));
}
