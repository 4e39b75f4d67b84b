/** The samples of two documents, channel by channel. */
import type { ExrDocument } from '../engine/document.js';
import { type Difference, DifferenceFinder, type Line } from '../look/difference.js';
import { groupBy } from '../model/group-by.js';
import type { Channel, Header, Part, Samples } from '../model/header.js';
import { type BandOptions, fullResolution, readBands } from './bands.js';

type Read = Pick<ExrDocument, 'header' | 'arrived' | 'source'>;

/** A channel of a header, and the number of its part. */
export interface PlacedChannel {
  readonly part: number;
  readonly channel: Channel;
}

/** Two channels that are to be compared. */
export interface ChannelPair {
  readonly a: PlacedChannel;
  readonly b: PlacedChannel;
}

export interface CompareOptions extends BandOptions {
  /** How far samples may be apart; 0 without it. */
  readonly tolerance?: number | undefined;
}

/**
 * Compares the samples of flat channels at full resolution, those of two parts at a time and in bounded memory. The results are in the
 * order of the pairs. Sources that cannot seek must have been made random where there is more than one part.
 */
export async function compareChannels(
  a: Read,
  b: Read,
  pairs: readonly ChannelPair[],
  options: CompareOptions,
): Promise<Difference[]> {
  const finders = new Map(pairs.map((pair) => [pair, new DifferenceFinder(options.tolerance)]));
  for (const group of groupBy(pairs, (pair) => `${pair.a.part} ${pair.b.part}`).values()) {
    const [first] = group as [ChannelPair];
    const lines = [
      linesOf(
        a,
        partAt(a.header, first.a.part),
        group.map((pair) => pair.a.channel),
        options,
      ),
      linesOf(
        b,
        partAt(b.header, first.b.part),
        group.map((pair) => pair.b.channel),
        options,
      ),
    ] as const;
    await inStep(lines, (y, ofA, ofB) => {
      for (const [at, pair] of group.entries()) finders.get(pair)?.add(y, lineAt(ofA, at), lineAt(ofB, at));
    });
  }
  return pairs.map((pair) => (finders.get(pair) as DifferenceFinder).difference);
}

/** The same line of several channels. */
interface Lines {
  readonly y: number;
  readonly x: number;
  readonly planes: readonly Samples[];
}

function lineAt(lines: Lines | undefined, at: number): Line | undefined {
  const samples = lines?.planes[at];
  return lines && samples && { x: lines.x, samples };
}

function partAt({ parts }: Header, number: number): Part {
  const part = parts[number];
  if (!part) throw new RangeError(`no part ${number}`);
  return part;
}

async function* linesOf(
  document: Read,
  part: Part,
  channels: readonly Channel[],
  options: BandOptions,
): AsyncGenerator<Lines> {
  for await (const { x, y, width, rows, planes } of readBands(document, part, channels, fullResolution, options))
    for (let row = 0; row < rows; row++)
      yield { x, y: y + row, planes: planes.map((plane) => plane.subarray(row * width, (row + 1) * width)) };
}

/** Gives each line that one of both has, from the top, with that of the other where it has it. */
async function inStep(
  [a, b]: readonly [AsyncGenerator<Lines>, AsyncGenerator<Lines>],
  use: (y: number, a: Lines | undefined, b: Lines | undefined) => void,
): Promise<void> {
  try {
    let [ofA, ofB] = [await a.next(), await b.next()];
    while (!ofA.done || !ofB.done) {
      const y = Math.min(...[ofA, ofB].map(({ done, value }) => (done ? Number.POSITIVE_INFINITY : value.y)));
      const [isA, isB] = [!ofA.done && ofA.value.y === y, !ofB.done && ofB.value.y === y];
      use(y, isA ? ofA.value : undefined, isB ? ofB.value : undefined);
      if (isA) ofA = await a.next();
      if (isB) ofB = await b.next();
    }
  } finally {
    await a.return(undefined);
    await b.return(undefined);
  }
}
