/**
 * The names of a shot: of each Cryptomatte one manifest and one key for all frames. What comes out does not depend on the order in
 * which frames are taken in, nor on how many of them have been given it already, so that an interrupted run can be done again.
 */

import type { Advice } from '../model/advice.js';
import { compareText } from '../model/text.js';
import { bitsToHex, provesName } from './hash.js';
import { freeKey } from './keys.js';
import { formatManifest, type Manifest } from './manifest.js';
import { OccurringIds } from './occurring.js';
import { pruningProblem } from './prune.js';
import { type NamedId, settleNames } from './settle-names.js';

/** One Cryptomatte of a shot, as plain data. */
export interface ShotSet {
  readonly name: string;
  readonly key: string;
  readonly manifest: Uint8Array;
  readonly names: number;
}

/** What became of a Cryptomatte's names, for reports. */
export interface ShotChange {
  readonly name: string;
  /** Names in all frames together, and those that are left. */
  readonly before: number;
  readonly after: number;
  /** Bytes of the largest manifest of a frame as it was, and those of the one for all. */
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  /** Frames that have it. */
  readonly frames: number;
  /** Whether they had several keys. */
  readonly rekeyed: boolean;
  /** Why all names are kept; undefined where only those that occur are. */
  readonly problem: Advice | undefined;
}

/** What of one frame's Cryptomatte goes into the names of the shot. */
export interface FrameNames {
  readonly name: string;
  readonly key: string;
  readonly names: Manifest;
  /** Undefined where all names are kept, so that nobody has looked. */
  readonly ids: OccurringIds | undefined;
  /** Bytes of the manifest. */
  readonly bytes: number;
}

interface Gathered {
  readonly keys: Set<string>;
  readonly names: Map<string, number>;
  /** Names that also exist with other IDs. */
  readonly others: Map<string, NamedId>;
  readonly ids: OccurringIds;
  /** The names that were added last: most frames have the same. */
  last: Manifest | undefined;
  frames: number;
  bytes: number;
}

/** The names of a shot's Cryptomattes, gathered frame by frame: those whose IDs occur in any of them. */
export class ShotNames {
  readonly #keep: (name: string) => boolean;
  readonly #sets = new Map<string, Gathered>();
  #frames = 0;

  /** `keep` is true for names that stay whatever the pixels hold. */
  constructor(keep: (name: string) => boolean) {
    this.#keep = keep;
  }

  /** Frames taken in. */
  get frames(): number {
    return this.#frames;
  }

  /** Takes in one frame's Cryptomattes. */
  add(sets: readonly FrameNames[]): void {
    this.#frames += 1;
    for (const { name, key, names, ids, bytes } of sets) {
      const known = this.#sets.get(name) ?? gathered();
      this.#sets.set(name, known);
      known.keys.add(key);
      known.frames += 1;
      known.bytes = Math.max(known.bytes, bytes);
      for (const id of ids ?? []) known.ids.add(id);
      if (ids?.overflow) known.ids.overflow = true;
      if (known.last !== names) addNames(known, names);
      known.last = names;
    }
  }

  /** The Cryptomattes in the order of their names. */
  sets(report: (change: ShotChange) => void): ShotSet[] {
    const sorted = [...this.#sets].sort(([a], [b]) => compareText(a, b));
    const taken = new Set<string>();
    return sorted.map(([name, one]) => {
      const key = oneKey(name, one.keys, taken);
      taken.add(key);
      const problem = pruningProblem(one.names, one.ids);
      const stays = ({ name: text, bits }: NamedId) => problem !== undefined || one.ids.has(bits) || this.#keep(text);
      const entries = [...one.names].map(([text, bits]) => ({ name: text, bits, proved: false }));
      const kept = [...entries, ...one.others.values()].filter(stays);
      const names = settled(kept);
      const manifest = formatManifest(names);
      report({
        name,
        before: one.names.size + one.others.size,
        after: names.size,
        bytesBefore: one.bytes,
        bytesAfter: manifest.length,
        frames: one.frames,
        rekeyed: one.keys.size > 1,
        problem,
      });
      return { name, key, manifest, names: names.size };
    });
  }
}

function gathered(): Gathered {
  return {
    keys: new Set(),
    names: new Map(),
    others: new Map(),
    ids: new OccurringIds(),
    last: undefined,
    frames: 0,
    bytes: 0,
  };
}

/** Names of a frame that most other frames have as well. */
function addNames({ names, others }: Gathered, more: Manifest): void {
  for (const [name, bits] of more) {
    const known = names.get(name);
    if (known === undefined) names.set(name, bits);
    else if (known !== bits) others.set(`${bitsToHex(bits)} ${name}`, { name, bits, proved: false });
  }
}

/** One name for each ID, whatever frame came first. */
function settled(entries: readonly NamedId[]): Manifest {
  const hasOthers = new Set(entries.map(({ name }) => name)).size < entries.length;
  if (!hasOthers) return new Map(entries.map(({ name, bits }) => [name, bits]));
  const sorted = entries
    .map((entry) => ({ ...entry, proved: provesName(entry.name, entry.bits) }))
    .sort((a, b) => compareText(a.name, b.name) || compareText(bitsToHex(a.bits), bitsToHex(b.bits)));
  return settleNames(sorted).names;
}

/** The key of all frames where they agree; a legal one of its own otherwise. */
function oneKey(name: string, keys: ReadonlySet<string>, taken: ReadonlySet<string>): string {
  const [only, ...others] = keys;
  return only !== undefined && others.length === 0 ? freeKey(name, taken, only) : freeKey(name, taken);
}
