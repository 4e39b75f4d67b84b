import { codecOf } from '../codecs/table.js';
import { ExrError } from '../model/error.js';
import type { Box, Part, TileDescription } from '../model/header.js';

/** A rectangle of pixels within one level, in absolute coordinates of that level. */
export interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The coordinates in a chunk's leader: a scan-line number, or a tile and its level. */
export type ChunkPlace =
  | { readonly kind: 'lines'; readonly y: number }
  | { readonly kind: 'tile'; readonly tx: number; readonly ty: number; readonly lx: number; readonly ly: number };

/** The part of a header that geometry depends on. */
export type Shape = Pick<Part, 'type' | 'compression' | 'dataWindow' | 'tiles' | 'chunkLines'>;

export function boxWidth(box: Box): number {
  return box.xMax - box.xMin + 1;
}

export function boxHeight(box: Box): number {
  return box.yMax - box.yMin + 1;
}

/** Whether two windows are the same. */
export function sameBox(a: Box, b: Box): boolean {
  return a.xMin === b.xMin && a.yMin === b.yMin && a.xMax === b.xMax && a.yMax === b.yMax;
}

/** Whether two parts are divided into chunks in the same way, as far as tiles are concerned. */
export function sameTiles(a: TileDescription | undefined, b: TileDescription | undefined): boolean {
  if (!a || !b) return a === b;
  return a.width === b.width && a.height === b.height && a.levels === b.levels && a.rounding === b.rounding;
}

/** How many samples of a channel with this sampling rate are in `length` pixels from `start`: the multiples of the rate. */
export function sampleCount(start: number, length: number, sampling: number): number {
  if (sampling === 1) return length;
  return Math.floor((start + length - 1) / sampling) - Math.ceil(start / sampling) + 1;
}

/** Size of mip or rip level `level` along one axis (OpenEXR technical introduction, "Levels"). */
export function levelSize(size: number, level: number, rounding: TileDescription['rounding']): number {
  const scaled = size / 2 ** level;
  return Math.max(1, rounding === 'down' ? Math.floor(scaled) : Math.ceil(scaled));
}

function levelCount(size: number, rounding: TileDescription['rounding']): number {
  let count = 1;
  for (let rest = size; rest > 1; rest = rounding === 'down' ? Math.floor(rest / 2) : Math.ceil(rest / 2)) count++;
  return count;
}

interface Level {
  readonly lx: number;
  readonly ly: number;
  readonly width: number;
  readonly height: number;
  readonly columns: number;
  readonly rows: number;
  /** Number of this level's first chunk. */
  readonly first: number;
}

/**
 * The chunks of a part: how many there are, which pixels each covers, and how its number in the
 * offset table relates to the coordinates in its leader. Created once per part.
 */
export class Geometry {
  readonly chunkCount: number;
  readonly #window: Box;
  readonly #tiles: TileDescription | undefined;
  readonly #lines: number;
  readonly #levels: readonly Level[];

  constructor(shape: Shape) {
    this.#window = shape.dataWindow;
    this.#tiles = shape.tiles;
    this.#lines = shape.tiles ? 1 : linesPerChunk(shape);
    this.#levels = shape.tiles ? tileLevels(shape.dataWindow, shape.tiles) : [];
    const last = this.#levels.at(-1);
    this.chunkCount = last
      ? last.first + last.columns * last.rows
      : Math.ceil(boxHeight(shape.dataWindow) / this.#lines);
  }

  /** The coordinates written in the leader of chunk `index`. */
  place(index: number): ChunkPlace {
    if (!this.#tiles) return { kind: 'lines', y: this.#window.yMin + index * this.#lines };
    const level = this.#levelOf(index);
    const offset = index - level.first;
    const ty = Math.floor(offset / level.columns);
    return { kind: 'tile', tx: offset - ty * level.columns, ty, lx: level.lx, ly: level.ly };
  }

  /** The chunk number for coordinates read from a leader, or undefined when no such chunk exists. */
  index(place: ChunkPlace): number | undefined {
    if (place.kind === 'lines') {
      if (this.#tiles) return undefined;
      const index = (place.y - this.#window.yMin) / this.#lines;
      return Number.isInteger(index) && index >= 0 && index < this.chunkCount ? index : undefined;
    }
    const level = this.#levels.find(({ lx, ly }) => lx === place.lx && ly === place.ly);
    if (!level || place.tx < 0 || place.ty < 0 || place.tx >= level.columns || place.ty >= level.rows) return undefined;
    return level.first + place.ty * level.columns + place.tx;
  }

  /** The pixels chunk `index` covers; edge tiles and the last lines are clipped to the window. */
  region(index: number): Region {
    const { xMin, yMin, yMax } = this.#window;
    if (!this.#tiles) {
      const y = yMin + index * this.#lines;
      return { x: xMin, y, width: boxWidth(this.#window), height: Math.min(this.#lines, yMax - y + 1) };
    }
    const level = this.#levelOf(index);
    const offset = index - level.first;
    const ty = Math.floor(offset / level.columns);
    const x = (offset - ty * level.columns) * this.#tiles.width;
    const y = ty * this.#tiles.height;
    return {
      x: xMin + x,
      y: yMin + y,
      width: Math.min(this.#tiles.width, level.width - x),
      height: Math.min(this.#tiles.height, level.height - y),
    };
  }

  /** Numbers of the full-resolution chunks that share pixels with `region`, in table order. */
  overlapping(region: Region): number[] {
    const { xMin, yMin } = this.#window;
    const found: number[] = [];
    if (!this.#tiles) {
      if (region.x + region.width <= xMin || region.x > this.#window.xMax) return found;
      const first = Math.max(0, Math.floor((region.y - yMin) / this.#lines));
      const last = Math.min(this.chunkCount - 1, Math.floor((region.y + region.height - 1 - yMin) / this.#lines));
      for (let index = first; index <= last; index++) found.push(index);
      return found;
    }
    const level = this.#levels[0] as Level;
    const { width, height } = this.#tiles;
    const left = Math.max(0, Math.floor((region.x - xMin) / width));
    const right = Math.min(level.columns - 1, Math.floor((region.x + region.width - 1 - xMin) / width));
    const top = Math.max(0, Math.floor((region.y - yMin) / height));
    const bottom = Math.min(level.rows - 1, Math.floor((region.y + region.height - 1 - yMin) / height));
    for (let ty = top; ty <= bottom; ty++) for (let tx = left; tx <= right; tx++) found.push(ty * level.columns + tx);
    return found;
  }

  /** How many levels are half as wide and half as high as the one before; 1 for a part without levels. */
  get levelCount(): number {
    return Math.max(1, this.#levels.filter(({ lx, ly }) => lx === ly).length);
  }

  /** Width and height of such a level; 0 is the image itself. Throws RangeError for one that does not exist. */
  levelSize(level: number): { readonly width: number; readonly height: number } {
    if (level === 0) return { width: boxWidth(this.#window), height: boxHeight(this.#window) };
    const { width, height } = this.#square(level);
    return { width, height };
  }

  /** Numbers of the chunks of such a level, in table order. */
  levelChunks(level: number): number[] {
    if (!this.#tiles) return Array.from({ length: this.chunkCount }, (_, index) => index);
    const { first, columns, rows } = this.#square(level);
    return Array.from({ length: columns * rows }, (_, at) => first + at);
  }

  #square(level: number): Level {
    const found = this.#levels.find(({ lx, ly }) => lx === level && ly === level);
    if (!found) throw new RangeError(`there is no level ${level}`);
    return found;
  }

  #levelOf(index: number): Level {
    let found = this.#levels[0] as Level;
    for (const level of this.#levels) {
      if (level.first > index) break;
      found = level;
    }
    return found;
  }
}

/** Whether it is known how a part is divided into chunks; otherwise the file's own chunks must be examined. */
export function knowsChunks({ compression, chunkLines, tiles }: Shape): boolean {
  return tiles !== undefined || (codecOf(compression).lines ?? chunkLines) !== undefined;
}

/**
 * Scan lines per chunk.
 *
 * @throws ExrError of kind `unsupported` if neither the codec's record nor the file has provided it yet.
 */
function linesPerChunk({ compression, chunkLines }: Shape): number {
  const lines = codecOf(compression).lines ?? chunkLines;
  if (lines !== undefined) return lines;
  throw new ExrError('unsupported', 'UNKNOWN_CHUNKS', `the number of lines in a chunk of ${compression} is not known`);
}

function tileLevels(window: Box, tiles: TileDescription): Level[] {
  const width = boxWidth(window);
  const height = boxHeight(window);
  const { rounding } = tiles;
  const columns = tiles.levels === 'ripmap' ? levelCount(width, rounding) : 1;
  const rows = tiles.levels === 'ripmap' ? levelCount(height, rounding) : 1;
  const pairs: [number, number][] = [];
  if (tiles.levels === 'mipmap')
    for (let l = 0; l < levelCount(Math.max(width, height), rounding); l++) pairs.push([l, l]);
  else for (let ly = 0; ly < rows; ly++) for (let lx = 0; lx < columns; lx++) pairs.push([lx, ly]);

  const levels: Level[] = [];
  let first = 0;
  for (const [lx, ly] of pairs) {
    const w = levelSize(width, lx, rounding);
    const h = levelSize(height, ly, rounding);
    const level = {
      lx,
      ly,
      width: w,
      height: h,
      columns: Math.ceil(w / tiles.width),
      rows: Math.ceil(h / tiles.height),
      first,
    };
    levels.push(level);
    first += level.columns * level.rows;
  }
  return levels;
}
