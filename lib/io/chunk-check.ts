import { blockLength } from '../format/block-length.js';
import {
  deepSizesLength,
  type Leader,
  type LeaderShape,
  leaderLength,
  leaderShape,
  parseDeepSizes,
  parseLeader,
} from '../format/chunk-leader.js';
import { Geometry } from '../format/geometry.js';
import { checkChunkClaim, type Limits } from '../format/limits.js';
import type { ChunkRef } from '../format/offset-table.js';
import { ExrError, withPlace } from '../model/error.js';
import { type Header, isDeep } from '../model/header.js';

/** A leader that matches the header: of a chunk that exists, with a possible size. */
export interface KnownChunk extends ChunkRef {
  /** Bytes of the payload. */
  readonly payload: number;
  /** Bytes it declares to unpack to: for a flat chunk all samples, for a deep one the larger of its counts and its samples. */
  readonly unpacked: number;
}

interface CheckedPart {
  readonly shape: LeaderShape;
  readonly geometry: Geometry;
  readonly deep: boolean;
}

/** Checks chunk leaders against their header, however they were found. */
export class ChunkChecker {
  readonly #parts: readonly CheckedPart[];
  readonly #header: Header;
  readonly #limits: Limits;
  readonly #multiPart: boolean;

  constructor(header: Header, limits: Limits) {
    this.#header = header;
    this.#limits = limits;
    this.#multiPart = header.multiPart;
    this.#parts = header.parts.map((part) => ({
      shape: leaderShape(part, header.multiPart),
      geometry: new Geometry(part),
      deep: isDeep(part),
    }));
  }

  /** The form of a part's leaders. */
  shape(part: number): LeaderShape {
    return this.#parts[part]?.shape as LeaderShape;
  }

  /**
   * Which part's leader begins at these bytes, by its part number in multi-part files.
   *
   * @throws ExrError of kind `invalid` for a number that no part has.
   */
  partAt(bytes: Uint8Array): number {
    if (!this.#multiPart) return 0;
    const part = new DataView(bytes.buffer, bytes.byteOffset, 4).getInt32(0, true);
    if (part >= 0 && part < this.#parts.length) return part;
    throw new ExrError(
      'invalid',
      'BAD_CHUNK_LEADER',
      `a chunk claims to belong to part ${part}, which does not exist`,
      {
        hint: 'The file is damaged.',
      },
    );
  }

  /**
   * The chunk a leader of part `part` announces.
   *
   * @throws ExrError of kind `invalid` naming what is wrong.
   */
  check(bytes: Uint8Array, part: number): KnownChunk {
    const { shape, geometry, deep } = this.#parts[part] as CheckedPart;
    const leader: Leader = parseLeader(bytes, shape);
    const index = geometry.index(leader.place);
    if (leader.part !== part || index === undefined)
      throw new ExrError(
        'invalid',
        'BAD_CHUNK_LEADER',
        `a chunk has coordinates outside the image (${describe(leader)})`,
        {
          where: { part },
          hint: 'The file is damaged.',
        },
      );
    const { payload } = leader;
    const region = geometry.region(index);
    if (deep) {
      const at = leaderLength(shape);
      const { unpacked } = parseDeepSizes(bytes.subarray(at, at + deepSizesLength));
      return { part, index, payload, unpacked: Math.max(unpacked, 4 * region.width * region.height) };
    }
    // A flat chunk that did not become smaller is stored raw, so none is larger than its samples.
    const raw = blockLength(this.#header.parts[part]?.channels ?? [], region);
    if (payload > raw)
      throw new ExrError(
        'invalid',
        'BAD_CHUNK_SIZE',
        `a chunk claims ${payload} packed bytes for ${raw} bytes of samples`,
        {
          where: { part, chunk: index },
          hint: 'The file is damaged.',
        },
      );
    return { part, index, payload, unpacked: raw };
  }

  /**
   * `there` is how many bytes of the file are known to exist.
   *
   * @throws ExrError of kind `limit` for a chunk that declares too much to be unpacked; forwarding it takes no more than its
   *   bytes.
   */
  checkClaim({ part, index, unpacked }: KnownChunk, there: number): void {
    try {
      checkChunkClaim(unpacked, there, this.#limits);
    } catch (error) {
      throw withPlace(error, { part, chunk: index });
    }
  }
}

function describe({ part, place }: Leader): string {
  const where =
    place.kind === 'lines' ? `y ${place.y}` : `tile ${place.tx}, ${place.ty}, level ${place.lx}, ${place.ly}`;
  return `part ${part}, ${where}`;
}
