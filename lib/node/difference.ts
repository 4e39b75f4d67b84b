/** What is different between the pixels and layers of two files. */
import type { ExrDocument } from '../engine/document.js';
import { type CompareOptions, compareChannels } from '../io/compare.js';
import { findMoved, type MovedChannel, pairChannels } from '../layers/pair-channels.js';
import type { ChannelPlace } from '../layers/place.js';
import type { Difference } from '../look/difference.js';
import { type Channel, type Header, isDeep } from '../model/header.js';
import { channelDigests } from './checksum.js';

/** A channel that both files have, and what differs in its samples. */
export interface ChannelDifference extends Difference {
  readonly a: ChannelPlace;
  readonly b: ChannelPlace;
}

export interface FileDifference {
  /** Channels that both have with the same samples, within the tolerance. */
  readonly same: number;
  /** Those of them whose samples are the same bit for bit. */
  readonly identical: number;
  readonly different: readonly ChannelDifference[];
  /** Channels whose pixels the other file has under another name. */
  readonly moved: readonly MovedChannel[];
  readonly onlyA: readonly ChannelPlace[];
  readonly onlyB: readonly ChannelPlace[];
  /** Channels of deep parts, whose samples are not compared. */
  readonly deep: number;
}

type Read = Pick<ExrDocument, 'header' | 'arrived' | 'source'>;

/**
 * Compares two files that may be spelt, stored and divided into parts in any way. Each is read once for its digests, and what is not
 * the same bit for bit once more. Throws `invalid` for files that lack chunks.
 */
export async function compareFiles(a: Read, b: Read, options: CompareOptions): Promise<FileDifference> {
  const { pairs, onlyA, onlyB } = pairChannels(a.header, b.header);
  const deep = deepChannels(a.header, b.header);
  await a.source.makeRandom();
  await b.source.makeRandom();
  const digests = new Map([...(await digestsOf(a, options)), ...(await digestsOf(b, options))]);
  const flat = pairs.filter((pair) => !deep.has(pair.a.channel) && !deep.has(pair.b.channel));
  const unequal = flat.filter((pair) => digests.get(pair.a.channel) !== digests.get(pair.b.channel));
  const results = await compareChannels(a, b, unequal, options);
  const compared = unequal.map((pair, at): ChannelDifference => ({ ...pair, ...(results[at] as Difference) }));
  const different = compared.filter(({ count }) => count > 0);
  const moved = findMoved(
    [...onlyA, ...different.map((one) => one.a)],
    [...onlyB, ...different.map((one) => one.b)],
    (channel) => digests.get(channel),
  );
  const [movedA, movedB] = [new Set(moved.map((one) => one.a)), new Set(moved.map((one) => one.b))];
  return {
    same: flat.length - different.length,
    identical: flat.length - unequal.length,
    different,
    moved,
    onlyA: onlyA.filter((place) => !movedA.has(place)),
    onlyB: onlyB.filter((place) => !movedB.has(place)),
    deep: deep.size,
  };
}

function deepChannels(...headers: readonly Header[]): ReadonlySet<Channel> {
  return new Set(headers.flatMap(({ parts }) => parts.filter(isDeep).flatMap(({ channels }) => channels)));
}

/** A text for each flat channel, the same for the same samples in the same window. */
async function digestsOf(document: Read, options: CompareOptions): Promise<Map<Channel, string>> {
  const channels = document.header.parts.filter((part) => !isDeep(part)).flatMap((part) => part.channels);
  const digests = await channelDigests(document, options);
  return new Map(channels.map((channel, at) => [channel, `${digests[at]?.digest} ${digests[at]?.window}`]));
}
