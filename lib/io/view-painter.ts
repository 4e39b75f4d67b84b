/** One view of a look, drawn row by row from bands of its channels. */

import { AreaFilter } from '../look/area-filter.js';
import type { Band, Frame, Resampler } from '../look/band.js';
import { toSrgb } from '../look/chromaticities.js';
import type { LookKind } from '../look/kinds.js';
import type { ViewLook } from '../look/looks.js';
import { idBits, idNumbers, Majority } from '../look/majority.js';
import { Nearest } from '../look/nearest.js';
import { makePainter, type Painter, type PaintSettings } from '../look/painters.js';
import { farAway, type Range } from '../look/range.js';
import type { Channel, Part, Samples } from '../model/header.js';

export interface ViewSettings extends PaintSettings {
  /** Of each channel, for looks that are normalised. */
  readonly ranges: readonly Range[];
  /** Told the IDs of each row. */
  readonly onIds?: ((ids: Uint32Array) => void) | undefined;
}

/** Rows are valid until the next. */
export class ViewPainter {
  readonly #resampler: Resampler;
  readonly #paint: Painter;
  readonly #line: Uint8Array;
  readonly #onIds: ViewSettings['onIds'];
  #row = 0;

  constructor(kind: LookKind, { channels }: ViewLook, part: Part, frame: Frame, settings: ViewSettings) {
    const { background, ranges, onIds } = settings;
    const facts = { channels: channels.length, type: channels[0]?.type ?? 'float', matrix: toSrgb(part), ranges };
    this.#resampler = resamplerFor(kind, channels, frame);
    this.#paint = makePainter(kind, settings, facts);
    this.#line = new Uint8Array(frame.columns * (background === 'none' ? 4 : 3));
    this.#onIds = onIds;
  }

  /** The rows that are complete once this band is there. */
  *add(band: Band): Generator<Uint8Array> {
    for (const planes of this.#resampler.add(band)) yield this.#painted(planes);
  }

  /** The rows that are left. */
  *end(): Generator<Uint8Array> {
    for (const planes of this.#resampler.end()) yield this.#painted(planes);
  }

  #painted(planes: readonly Samples[]): Uint8Array {
    if (this.#onIds && planes[0] instanceof Uint32Array) this.#onIds(planes[0]);
    this.#paint(planes, this.#row, this.#line);
    this.#row += 1;
    return this.#line;
  }
}

/** Whether neighbours may be averaged. */
export function isAveraged(kind: LookKind): boolean {
  return kind === 'colour' || kind === 'chroma' || kind === 'grey' || kind === 'mask';
}

function resamplerFor(kind: LookKind, channels: readonly Channel[], frame: Frame): Resampler {
  if (kind === 'ids') {
    const pairs = Array.from({ length: channels.length / 2 }, (_, at) => ({ id: at * 2, coverage: at * 2 + 1 }));
    return new Majority(frame, pairs, idBits);
  }
  if (kind === 'numbers') return new Majority(frame, [{ id: 0 }], idNumbers);
  if (isAveraged(kind)) return new AreaFilter(frame, channels.length);
  return new Nearest(frame, channels.length, kind === 'depth' ? farAway : 0);
}
