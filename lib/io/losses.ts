/** What the conversions of a document have lost, gathered from its chunks and reported file by file. */

import { makeNotice, type Notice } from '../engine/filter.js';
import { addLosses, type ChunkLosses, type LossCounts, type Losses, noLosses } from '../jobs/losses.js';
import { type Advice, advise, stepOf } from '../model/advice.js';
import type { Header, Part } from '../model/header.js';
import { firstFew } from '../model/listed.js';
import type { Route } from './route.js';

/** A channel with what it has lost. */
interface LosingChannel {
  readonly part: Part;
  readonly name: string;
  readonly type: string;
  readonly losses: Losses;
}

/** One kind of loss, as reported to users. */
interface LossKind {
  readonly code: string;
  readonly count: keyof LossCounts;
  readonly applies?: (channel: LosingChannel) => boolean;
  /** `samples` is their number and noun. */
  readonly message: (samples: string, channels: readonly LosingChannel[]) => string;
  readonly hint: string | Advice;
}

const namedHalf = advise`keep such channels float: name those that may become half with ${stepOf('convert', { to: 'half', only: ['GLOB'] })}`;

const kinds: readonly LossKind[] = [
  {
    code: 'HALF_OVERFLOW',
    count: 'overflowed',
    message: (samples) => `half ends at 65504, so ${samples} became infinite`,
    hint: namedHalf,
  },
  {
    code: 'WHOLE_NUMBERS_ROUNDED',
    count: 'rounded',
    applies: ({ type, losses }) => type === 'half' && !losses.fractional,
    message: (samples) =>
      `half holds whole numbers up to 2048, so ${samples} of channels with nothing else, such as IDs, were rounded`,
    hint: namedHalf,
  },
  {
    code: 'WHOLE_NUMBERS_ROUNDED',
    count: 'rounded',
    applies: ({ type }) => type === 'float',
    message: (samples) => `float holds whole numbers up to 16777216, so ${samples} of uint channels were rounded`,
    hint: 'keep such channels uint',
  },
  {
    code: 'OUTSIDE_UINT',
    count: 'outside',
    message: (samples) => `uint holds whole numbers from 0 to 4294967295, so ${samples} became the nearest, and NaN 0`,
    hint: 'keep such channels float',
  },
  {
    code: 'FRACTIONS_CUT',
    count: 'truncated',
    message: (samples) => `uint holds whole numbers, so ${samples} lost their fraction`,
    hint: 'keep such channels float',
  },
  {
    code: 'CODEC_CLIPPED',
    count: 'clipped',
    message: (samples, channels) =>
      `${codecNames(channels)} cannot hold numbers beyond 65504, infinity or NaN, so ${samples} changed`,
    hint: advise`lossless codecs keep them: ${stepOf('compress', { to: 'zip' })}`,
  },
];

/** Adds up the losses of a document's channels. */
export class LossTally {
  /** By part and channel. */
  readonly #parts = new Map<number, Map<number, Losses>>();

  add(part: number, chunk: ChunkLosses | undefined): void {
    if (!chunk || chunk.size === 0) return;
    const channels = this.#parts.get(part) ?? new Map<number, Losses>();
    this.#parts.set(part, channels);
    for (const [channel, losses] of chunk) {
      const sum = channels.get(channel) ?? noLosses();
      addLosses(sum, losses);
      channels.set(channel, sum);
    }
  }

  /** Warnings: at most one of each kind per file. `header` is that of the whole document. */
  notices({ parts }: Header, routes: readonly Pick<Route, 'path' | 'parts'>[]): Notice[] {
    return routes.flatMap((route) => {
      const channels = route.parts.flatMap((number) => this.#losing(parts[number], number));
      const file = routes.length > 1 && route.path !== undefined ? `${route.path}: ` : '';
      return kinds.flatMap((kind): Notice[] => {
        const hit = channels.filter((one) => one.losses[kind.count] > 0 && (kind.applies?.(one) ?? true));
        if (hit.length === 0) return [];
        const total = hit.reduce((sum, { losses }) => sum + losses[kind.count], 0);
        const what = kind.message(total === 1 ? '1 sample' : `${total} samples`, hit);
        const message = `${file}${what}: ${listChannels(hit, kind.count)}; `;
        return [makeNotice('warning', kind.code, [message, kind.hint].flat())];
      });
    });
  }

  #losing(part: Part | undefined, number: number): LosingChannel[] {
    const own = [...(this.#parts.get(number) ?? [])].toSorted(([a], [b]) => a - b);
    return own.flatMap(([channel, losses]) => {
      const found = part?.channels[channel];
      return part && found ? [{ part, name: found.name, type: found.type, losses }] : [];
    });
  }
}

/** Those that lost most come first, each with its number of samples. */
function listChannels(channels: readonly LosingChannel[], count: keyof LossCounts): string {
  const sorted = channels.toSorted((a, b) => b.losses[count] - a.losses[count]);
  return firstFew(sorted.map((channel) => `${label(channel)} (${channel.losses[count]})`));
}

/** In many files each part has channels of the same bare names. */
function label({ part, name }: LosingChannel): string {
  const bare = !name.includes('.') && part.name !== undefined && part.name !== '';
  return bare ? `"${name}" of "${part.name}"` : `"${name}"`;
}

function codecNames(channels: readonly LosingChannel[]): string {
  return [...new Set(channels.map(({ part }) => part.compression.toUpperCase()))].join(' and ');
}
