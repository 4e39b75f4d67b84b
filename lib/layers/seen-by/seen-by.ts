/**
 * What a program sees in a header, by its own rules: the names it gives to channels, and for each Cryptomatte whether it
 * lists it, which rank layers it assigns to it, and what goes wrong. What a file *is*, by all the evidence, is another
 * question.
 */
import type { Channel, Header } from '../../model/header.js';
import { declarationsOf } from './declarations.js';
import {
  type DeclaredSet,
  type Finding,
  type Note,
  type Problem,
  type Program,
  programFacts,
  type SeenChannel,
} from './program.js';
import { readers } from './table.js';
import { type RanksOf, trueRanks } from './true-ranks.js';

/** A program's view of one Cryptomatte of the metadata. */
export interface Sighting {
  readonly set: DeclaredSet;
  /** Whether the program lists it. */
  readonly offered: boolean;
  /** Under which name; undefined if it does not. */
  readonly name: string | undefined;
  /** For each rank layer found, its channels in the order red, green, blue, alpha as the program takes them. */
  readonly ranks: readonly (readonly Channel[])[];
  /** Why mattes are wrong or missing, as far as the header shows: codecs and pixels are not checked. */
  readonly problem?: Problem;
  /** Remarks about a Cryptomatte that works. */
  readonly notes: readonly Note[];
}

/** The channels that a program shows, under its names. */
export function seenChannels(header: Pick<Header, 'parts'>, program: Program): readonly SeenChannel[] {
  return readers[program].channels(header);
}

/**
 * One sighting per Cryptomatte that the metadata declares, in order. Pure and linear, and never throws, whatever a header
 * holds.
 */
export function seenBy(header: Pick<Header, 'parts'>, program: Program): Sighting[] {
  const declarations = declarationsOf(header);
  if (declarations.length === 0) return [];
  const read = readers[program];
  const channels = read.channels(header);
  const diagnosis = new Diagnosis(programFacts[program].label, channels, trueRanks(header));
  const findings = read.find(header, channels, declarations);
  return declarations.map(({ set }, index) => sighting(set, findings[index] as Finding, diagnosis));
}

/** Whether the program gives the right mattes, as far as the header shows. */
export function works({ offered, ranks, problem }: Sighting): boolean {
  return offered && ranks.length > 0 && problem === undefined;
}

function sighting(set: DeclaredSet, finding: Finding, diagnosis: Diagnosis): Sighting {
  const { listed, ranks } = finding;
  const found = diagnosis.of(set.name ?? '', ranks);
  const problem = finding.problem ?? found.problem;
  return {
    set,
    offered: listed !== undefined,
    name: listed,
    ranks,
    ...(problem && { problem }),
    notes: [...(finding.notes ?? []), ...found.notes],
  };
}

interface Found {
  readonly problem: Problem | undefined;
  readonly notes: readonly Note[];
}

/** Compares the ranks that a program finds with the actual ones. */
class Diagnosis {
  readonly #label: string;
  readonly #seen: ReadonlyMap<Channel, SeenChannel>;
  readonly #ranksOf: RanksOf;
  /** By name and whether anything was found: several keys may have one name, for which a program finds one list of ranks. */
  readonly #known = new Map<string, Found>();

  constructor(label: string, channels: readonly SeenChannel[], ranksOf: RanksOf) {
    this.#label = label;
    this.#seen = new Map(channels.map((one) => [one.channel, one]));
    this.#ranksOf = ranksOf;
  }

  of(name: string, ranks: Finding['ranks']): Found {
    const key = `${ranks.length > 0} ${name}`;
    const known = this.#known.get(key);
    if (known) return known;
    const groups = this.#ranksOf(name);
    const found = { problem: this.#problem(name, ranks, groups), notes: notesOn(ranks, groups) };
    this.#known.set(key, found);
    return found;
  }

  #problem(name: string, ranks: Finding['ranks'], groups: ReturnType<RanksOf>): Problem | undefined {
    if (ranks.length === 0) return this.#nothing(name, groups);
    return this.#wrong(ranks, groups) ?? notFloat(ranks);
  }

  #nothing(name: string, groups: ReturnType<RanksOf>): Problem {
    const [channel] = groups[0]?.[0] ?? [];
    if (!channel) return { code: 'no-channels', text: `no layers are called "${name}" and digits` };
    const seen = this.#seen.get(channel);
    return {
      code: 'other-name',
      text: seen
        ? `${this.#label} reads the channel "${channel.name}" as "${seen.layer === '' ? '' : `${seen.layer}.`}${seen.name}" and does not find it`
        : `${this.#label} does not see the channel "${channel.name}"`,
    };
  }

  #wrong(ranks: Finding['ranks'], groups: ReturnType<RanksOf>): Problem | undefined {
    const channels = ranks.flat();
    if (new Set(channels).size < channels.length)
      return { code: 'repeated-ranks', text: `${this.#label} adds up ranks more than once, one time for each view` };
    // Only this program reads the name that way: there is nothing to compare with.
    if (groups.length === 0)
      return ranks.some((rank) => rank.length !== 4)
        ? this.#incomplete(ranks.find((rank) => rank.length !== 4) ?? [])
        : undefined;
    const places = new Map(
      groups.flatMap((group) => group.flatMap((rank) => rank.map((one) => [one, { group, rank }] as const))),
    );
    const taken = new Set<readonly unknown[]>();
    for (const rank of ranks) {
      const place = rank.map((one) => places.get(one)).find((one) => one !== undefined);
      if (!place)
        return { code: 'foreign-ranks', text: `${this.#label} takes "${rank[0]?.name}" for a rank, which it is not` };
      if (!isSame(rank, place.rank) || rank.length === 3) return this.#incomplete(rank);
      taken.add(place.group);
    }
    if (taken.size > 1) return { code: 'foreign-ranks', text: `${this.#label} takes ranks of several views together` };
    const [group] = taken;
    if (group && ranks.length < group.length)
      return { code: 'missing-ranks', text: `${this.#label} finds ${ranks.length} rank layers of ${group.length}` };
    return undefined;
  }

  #incomplete(rank: readonly Channel[]): Problem {
    return {
      code: 'rank-channels',
      text: `${this.#label} does not find ID, coverage, ID and coverage in the rank layer of "${rank[0]?.name}"`,
    };
  }
}

function isSame(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((item, index) => item === other[index]);
}

function notFloat(ranks: Finding['ranks']): Problem | undefined {
  const wrong = ranks.flat().find(({ type }) => type !== 'float');
  return wrong && { code: 'not-float', text: `"${wrong.name}" is stored as ${wrong.type}: its IDs are destroyed` };
}

/** Programs show and pick by the first rank that they find. */
function notesOn(ranks: Finding['ranks'], groups: ReturnType<RanksOf>): Note[] {
  const first = ranks[0]?.[0];
  const group = groups.find((one) => one.some((rank) => rank[0] === first));
  if (first === undefined || group === undefined || group[0]?.[0] === first) return [];
  return [
    { code: 'rank-order', text: `"${first.name}" comes before the first rank: names are picked from the wrong one` },
  ];
}
