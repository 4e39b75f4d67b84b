import { type Leader, type LeaderShape, leaderShape, parseLeader } from '../format/chunk-leader.js';
import { Geometry } from '../format/geometry.js';
import type { Limits } from '../format/limits.js';
import type { ChunkRef } from '../format/offset-table.js';
import { blockLength } from '../jobs/planes.js';
import { ExrError } from '../model/error.js';
import { type Header, isDeep } from '../model/header.js';

/** A leader that fits the header: a chunk that exists, of a size it can have. */
export interface KnownChunk extends ChunkRef {
  /** Bytes of the payload. */
  readonly payload: number;
}

interface CheckedPart {
  readonly shape: LeaderShape;
  readonly geometry: Geometry;
  readonly deep: boolean;
}

/** Checks chunk leaders against the header they belong to, whatever way they were found. */
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

  /** How the leaders of a part look. */
  shape(part: number): LeaderShape {
    return this.#parts[part]?.shape as LeaderShape;
  }

  /**
   * Which part's leader begins at these bytes: its part number tells in multi-part files.
   * Throws `invalid` for a number that no part has.
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

  /** The chunk a leader of part `part` announces. Throws `invalid` or `limit` naming what cannot be. */
  check(bytes: Uint8Array, part: number): KnownChunk {
    const { shape, geometry, deep } = this.#parts[part] as CheckedPart;
    const leader: Leader = parseLeader(bytes, shape);
    const index = geometry.index(leader.place);
    if (leader.part !== part || index === undefined)
      throw new ExrError(
        'invalid',
        'BAD_CHUNK_LEADER',
        `a chunk has coordinates outside the picture (${describe(leader)})`,
        {
          where: { part },
          hint: 'The file is damaged.',
        },
      );
    if (!deep) this.#checkFlat(part, index, leader.payload);
    return { part, index, payload: leader.payload };
  }

  /** A flat chunk that did not become smaller is stored raw, so none is larger than its samples. */
  #checkFlat(part: number, index: number, payload: number): void {
    const { geometry } = this.#parts[part] as CheckedPart;
    const raw = blockLength(this.#header.parts[part]?.channels ?? [], geometry.region(index));
    if (raw > this.#limits.chunkBytes)
      throw new ExrError('limit', 'CHUNK_TOO_LARGE', `a chunk unpacks to ${raw} bytes`, {
        where: { part, chunk: index },
      });
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
  }
}

function describe({ part, place }: Leader): string {
  const where =
    place.kind === 'lines' ? `y ${place.y}` : `tile ${place.tx}, ${place.ty}, level ${place.lx}, ${place.ly}`;
  return `part ${part}, ${where}`;
}
