// Maps samples of one stream to those of another when channels are picked or joined: rows are moved whole, and neighbours that
// stay neighbours are moved together.
import type { ChannelPick } from '../types.js';
import { type Segments, segmentStart } from './chunk.js';

/** The rows of a chunk, flat or deep. */
export interface Rows {
  /** Bytes of a sample of each channel. */
  readonly sampleBytes: readonly (2 | 4)[];
  readonly lines: number;
  /** Samples of a channel on a line, both counted from 0. */
  readonly count: (channel: number, line: number) => number;
}

/** A range of samples of one kind. `from` and `to` count samples of that kind from the start of the segment. */
export interface Move {
  readonly source: number;
  readonly sampleBytes: 2 | 4;
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** Walks the rows of a chunk line by line. */
class Cursor {
  readonly #rows: Rows;
  readonly #next = { 2: 0, 4: 0 };
  /** Where the row of each channel begins. */
  readonly starts: number[] = [];

  constructor(rows: Rows) {
    this.#rows = rows;
  }

  enter(line: number): void {
    const { sampleBytes, count } = this.#rows;
    for (const [channel, bytes] of sampleBytes.entries()) {
      this.starts[channel] = this.#next[bytes];
      this.#next[bytes] += count(channel, line);
    }
  }
}

/** The moves that make a target; `from` gives the source and channel of each of its channels. */
export function movesOf(sources: readonly Rows[], target: Rows, from: readonly ChannelPick[]): Move[] {
  const cursors = sources.map((rows) => new Cursor(rows));
  const own = new Cursor(target);
  const used = new Set(from.map(({ source }) => cursors[source] as Cursor));
  const moves: Move[] = [];
  const last: Partial<Record<2 | 4, { source: number; sampleBytes: 2 | 4; from: number; to: number; count: number }>> =
    {};
  for (let line = 0; line < target.lines; line++) {
    own.enter(line);
    for (const cursor of used) cursor.enter(line);
    for (const [channel, { source, channel: origin }] of from.entries()) {
      const count = target.count(channel, line);
      if (count === 0) continue;
      const sampleBytes = target.sampleBytes[channel] as 2 | 4;
      const start = cursors[source]?.starts[origin] as number;
      const before = last[sampleBytes];
      if (before?.source === source && before.from + before.count === start) before.count += count;
      else {
        const move = { source, sampleBytes, from: start, to: own.starts[channel] as number, count };
        last[sampleBytes] = move;
        moves.push(move);
      }
    }
  }
  return moves;
}

/** A stream in memory. */
export interface PlacedStream extends Segments {
  readonly address: number;
}

/** Applies moves from streams to another one, plane by plane. The lengths before its segments must already be there. */
export function doMoves(
  memory: Uint8Array,
  moves: readonly Move[],
  sources: readonly PlacedStream[],
  target: PlacedStream,
): void {
  for (const { source, sampleBytes, from, to, count } of moves) {
    const stream = sources[source] as PlacedStream;
    const plane = planeBytes(stream, sampleBytes);
    const ownPlane = planeBytes(target, sampleBytes);
    let at = stream.address + segmentStart(stream, sampleBytes) + from;
    let ownAt = target.address + segmentStart(target, sampleBytes) + to;
    for (let byte = 0; byte < sampleBytes; byte++) {
      memory.copyWithin(ownAt, at, at + count);
      at += plane;
      ownAt += ownPlane;
    }
  }
}

function planeBytes({ halves, words }: Segments, sampleBytes: 2 | 4): number {
  return sampleBytes === 2 ? halves / 2 : words / 4;
}
