/** A file of the corpus, with what trials need to know about it, all of it from the reference library. */
import { setsOf } from './mattes.js';
import type { Channel, Group, Seen } from './reading.js';

/**
 * - `sound`: every Cryptomatte works in Blender, by the corpus's own table
 * - `lost`: IDs without metadata
 * - `filtered`: IDs without metadata that a filter has mixed with unnamed ones
 * - `rounded`: IDs in PXR24
 * - `destroyed`: IDs that are half, or stored by a codec that changes them
 * - `views`: several views in one file, which Blender's node adds up
 * - `space`: rendered in ACEScg, so that it works in scenes of that working space only
 * - `broken`: anything else that keeps Cryptomattes from working, such as names
 * - `none`: no Cryptomatte
 */
export type State = 'sound' | 'lost' | 'filtered' | 'rounded' | 'destroyed' | 'views' | 'space' | 'broken' | 'none';

export interface Frame {
  /** Path within the corpus. */
  readonly file: string;
  readonly seen: Seen;
  readonly state: State;
  /** Whether Blender's node gets everything right by the corpus's table; undefined without a Cryptomatte. */
  readonly accepted: boolean | undefined;
  readonly multipart: boolean;
  readonly htj2k: boolean;
  /** Names that may stand for a view layer: what comes before the last dot of Cryptomattes. */
  readonly prefixes: readonly string[];
  /** Cryptomattes without metadata whose IDs are whole. */
  readonly lost: readonly Group[];
  readonly pieces: Pieces;
}

/** Values of the words in angle brackets in trials; absent if the file has no such thing. */
export interface Pieces {
  /** Its first Cryptomatte with metadata, or else its first. */
  readonly crypto?: string;
  /** What precedes the last dot of a Cryptomatte's name. */
  readonly layer?: string;
  /** The name that covers most in `crypto`. */
  readonly name?: string;
  /** The part of its second rank, in files of several parts. */
  readonly rank?: string;
  /** The first of several parts. */
  readonly first?: string;
}

/** No scene of the corpus has this many names; IDs that a filter or codec has mixed number in the thousands. */
const mostNames = 64;
const lossy = /^(dwa|b44)/;

const hasPrefix = (name: string): string => name.slice(0, Math.max(0, name.lastIndexOf('.')));
const mixed = ({ ids = {} }: Group): boolean => Object.keys(ids).length > mostNames;

function stateOf(file: string, accepted: boolean | undefined, seen: Seen, lost: readonly Group[]): State {
  const { groups, parts, sets } = seen.reading;
  const mattes = groups.filter(({ name }) => /crypto/i.test(name));
  if (accepted === undefined) return 'none';
  if (accepted) return 'sound';
  const codecs = mattes.flatMap(({ channels }) => channels.map(([part]) => parts[part]?.codec ?? ''));
  if (mattes.some(({ float }) => !float) || (mattes.some(mixed) && codecs.some((codec) => lossy.test(codec))))
    return 'destroyed';
  if (codecs.includes('pxr24')) return 'rounded';
  if (groups.some(({ view }) => view !== '')) return 'views';
  if (sets.length === 0 && mattes.some(mixed)) return 'filtered';
  if (lost.length > 0 && sets.length === 0) return 'lost';
  return file.includes('workspace/') ? 'space' : 'broken';
}

/** The name that covers most in a Cryptomatte. */
function bestName(seen: Seen, group: Group): string | undefined {
  // In views, Blender's answers fit no one group, but the names are those of the manifest.
  const own = setsOf({ ...seen, reading: { ...seen.reading, groups: [group] } }).find(
    ({ name }) => name === group.name,
  );
  return own?.names.toSorted((a, b) => b.covers - a.covers)[0]?.name;
}

export function frameOf(file: string, verdict: string, seen: Seen): Frame {
  const { parts, groups, sets } = seen.reading;
  const accepted = verdict === '-' ? undefined : verdict === 'P';
  const named = new Set(sets.map(({ name }) => name));
  const mattes = groups.filter(({ name }) => /crypto/i.test(name));
  const lost = mattes.filter((group) => group.float && !mixed(group) && !named.has(group.name));
  const prefixes = [...new Set(mattes.map(({ name }) => hasPrefix(name)))].filter((name) => name !== '');
  const first = mattes.find(({ name }) => named.has(name)) ?? mattes[0];
  const name = first && bestName(seen, first);
  const rank = first?.channels[4];
  const rankPart = rank && parts[rank[0]]?.name;
  return {
    file,
    seen,
    accepted,
    state: stateOf(file, accepted, seen, lost),
    multipart: parts.length > 1,
    htj2k: parts.some(({ codec }) => codec.startsWith('ht')),
    prefixes,
    lost,
    pieces: {
      ...(first && { crypto: first.name }),
      ...(prefixes[0] !== undefined && { layer: prefixes[0] }),
      ...(name !== undefined && { name }),
      ...(parts.length > 1 && rankPart && { rank: rankPart }),
      ...(parts.length > 1 && parts[0]?.name && { first: parts[0].name }),
    },
  };
}

/** Channels that hold IDs, by all evidence in names and file: no lossy codec and no half may touch them. */
export function holdsIds(frame: Frame, { part, name, type }: Pick<Channel, 'part' | 'name' | 'type'>): boolean {
  if (!/^float/.test(type) || !/(^|\.)([rgba]|red|green|blue|alpha)$/i.test(name)) return false;
  if (frame.file.includes('single/')) return frame.seen.reading.sets.length > 0;
  const layer = hasPrefix(name) || (frame.seen.reading.parts[part]?.name ?? '');
  return /crypto/i.test(layer) || frame.seen.reading.sets.some((set) => layer === set.name);
}
