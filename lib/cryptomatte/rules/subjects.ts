/**
 * What each program makes of each Cryptomatte of a header, sorted by the rules that report it. A rule about names and placement
 * is broken for exactly those programs that do not see the Cryptomatte because of it.
 */
import { parseComponent, slots } from '../../layers/components.js';
import { placesOf } from '../../layers/place.js';
import { isFloat, layersOf, type RankGroup, type RankLayer } from '../../layers/rank-groups.js';
import { fullName } from '../../layers/respell.js';
import { type Problem, type Program, programs } from '../../layers/seen-by/program.js';
import { seenBy } from '../../layers/seen-by/seen-by.js';
import { isSetAttribute, parseSetAttribute, setAttributes, setFields } from '../../layers/set-attributes.js';
import type { CryptomatteSet } from '../../layers/sets.js';
import { Attributes } from '../../model/attributes.js';
import { groupBy } from '../../model/group-by.js';
import type { Channel, Header } from '../../model/header.js';
import { parseChannelName } from '../../model/names.js';
import { compareText, encodeText } from '../../model/text.js';

/** A Cryptomatte by its metadata, or by its channels if these have lost it. */
export interface Subject {
  readonly name: string | undefined;
  /** Its name in messages. */
  readonly label: string;
  readonly set: CryptomatteSet | undefined;
  readonly layers: readonly RankLayer[];
  /** The deprecated preview, whose layer has the same name. */
  readonly previews: readonly Channel[];
  /** Programs that fail, and why, by the rule that reports it. */
  readonly broken: ReadonlyMap<string, ReadonlyMap<Program, Problem>>;
}

/** Most rank layers that a program uses: knobs of Psyop's gizmo for Nuke, a single digit in its Fuse. */
export const mostRanks: Readonly<Partial<Record<Program, number>>> = { fusion: 10, nuke: 12 };

export function subjectsOf(
  header: Header,
  sets: readonly CryptomatteSet[],
  orphans: readonly RankGroup[],
): readonly Subject[] {
  const byLayer = groupBy(layersOf(header), ({ layer }) => layer);
  const previews = (name: string) => byLayer.get(name)?.flatMap(({ channels }) => channels) ?? [];
  const plain: Unfinished[] = [
    ...sets.map((set) => ({
      name: set.name,
      label: nameOf(set),
      set,
      layers: set.layers,
      previews: set.previews,
      broken: new Map(),
    })),
    ...orphans
      .filter(({ name }) => /crypto/i.test(name))
      .map(({ name, layers }) => ({
        name,
        label: `"${name}"`,
        set: undefined,
        layers,
        previews: previews(name),
        broken: new Map(),
      })),
  ];
  const byIdentity = new Map(plain.flatMap((one) => (one.set ? [[identityOf(one.set), one] as const] : [])));
  const byName = new Map(
    plain.flatMap((one) => (one.layers.length > 0 ? [[channelsName(one) ?? '', one] as const] : [])),
  );
  const ideal = withPlainMetadata(header, byName.keys());
  const joined = header.parts.length > 1 ? inOnePart(ideal) : undefined;
  for (const program of programs) {
    for (const { set, problem } of seenBy(header, program)) {
      const subject = byIdentity.get(identityOf(set));
      if (subject && problem) note(subject, program, problem);
    }
    for (const plainer of readsOnePart.has(program) && joined ? [ideal, joined] : [ideal])
      for (const { set, problem } of seenBy(plainer, program)) {
        const subject = byName.get(set.name ?? '');
        if (subject && problem) note(subject, program, problem);
      }
  }
  return plain;
}

interface Unfinished extends Subject {
  readonly broken: Map<string, Map<Program, Problem>>;
}

function note(subject: Unfinished, program: Program, problem: Problem): void {
  const rule = ruleOf(subject, program, problem);
  if (rule === undefined) return;
  const minds = subject.broken.get(rule) ?? new Map<Program, Problem>();
  subject.broken.set(rule, minds);
  if (!minds.has(program)) minds.set(program, problem);
}

function identityOf({ prefix, key, name }: Pick<CryptomatteSet, 'prefix' | 'key' | 'name'>): string {
  return JSON.stringify([prefix, key, name ?? null]);
}

/** The name of a set in messages. */
export function nameOf({ name, key }: Pick<CryptomatteSet, 'name' | 'key'>): string {
  return name === undefined ? `the Cryptomatte with the key ${key}` : `"${name}"`;
}

/** The name of a subject's rank layers, without their numbers. */
export function channelsName({
  name,
  layers: [first],
  set,
}: Pick<Subject, 'name' | 'layers' | 'set'>): string | undefined {
  if (!first || set?.fit === 'exact' || set === undefined) return name;
  return first.layer.slice(0, first.layer.length - first.text.length);
}

/**
 * The header with sound metadata for all channels, where every program looks: faults there are hidden as long as the metadata
 * is missing or misplaced, and would only show after that is repaired.
 */
function withPlainMetadata(header: Header, names: Iterable<string>): Header {
  const attributes = [...names].flatMap((name, index) => [
    ...setAttributes({ key: index.toString(16).padStart(7, '0'), name, manifest }),
  ]);
  const [first] = header.parts;
  return {
    ...header,
    parts: header.parts.map((part, number) => ({
      ...part,
      displayWindow: first?.displayWindow ?? part.displayWindow,
      attributes: new Attributes([
        ...part.attributes.filter((name) => !isSetAttribute(name) && !shared.has(name)),
        ...(number === 0 ? attributes : []),
      ]),
    })),
  };
}

/** Programs whose view of a multi-part file hides faults in its names. */
const readsOnePart: ReadonlySet<Program> = new Set(['fusion', 'after-effects', 'arnold']);

/** All channels in one part, as `merge` makes it, which reveals what several parts hide. */
function inOnePart(header: Header): Header | undefined {
  const [first] = header.parts;
  const places = placesOf(header);
  const channels = new Map<string, Channel>();
  for (const channel of header.parts.flatMap((part) => part.channels)) {
    const place = places.get(channel);
    const name = place?.speltBy === 'part' ? fullName(place) : channel.name;
    if (!channels.has(name)) channels.set(name, { ...channel, name });
  }
  const sorted = [...channels.values()].sort((a, b) => compareText(a.name, b.name));
  return first && { ...header, multiPart: false, parts: [{ ...first, name: undefined, channels: sorted }] };
}

const manifest = encodeText('{"a":"00800000"}');

/** What makes OpenEXR refuse files where parts differ in it. */
const shared: ReadonlySet<string> = new Set(['pixelAspectRatio', 'chromaticities']);

/** The rule that a program's problem breaks; undefined if another finding reports it. */
function ruleOf(subject: Subject, program: Program, problem: Problem): string | undefined {
  const { set, layers } = subject;
  if (program === 'after-effects' && !layers.every(isFloat)) return 'CM-D01'; // It reads only float channels.
  if (namesViews(layers) && viewCodes.has(problem.code)) return 'CM-E05';
  switch (problem.code) {
    case 'unreadable':
      return undefined; // A fault of the whole file, with or without Cryptomattes.
    case 'other-prefix':
      return 'CM-A11';
    case 'other-part':
      return 'CM-E01';
    case 'bad-attribute':
      return problem.attribute === undefined ? undefined : badAttributeRule(problem.attribute, program);
    case 'no-name':
      return 'CM-A04';
    case 'no-manifest':
      return set?.manifestFile === undefined ? 'CM-B01' : 'CM-B16';
    case 'no-layers':
      return 'CM-C14';
    case 'multi-part':
      return 'CM-E03';
    case 'long-name':
      return 'CM-C09';
    case 'hidden-layer':
      return 'CM-C15';
    case 'colour-space':
      return 'CM-D14';
    case 'no-channels':
      return 'CM-C10';
    case 'other-name':
      if (layers.some(({ text }) => text === '')) return 'CM-C01';
      if (set !== undefined && set.fit !== 'exact') return 'CM-C10';
      if (program === 'nuke') return 'CM-C06';
      if (program === 'blender' || program === 'blender3') return 'CM-E07';
      return isOutsideFirstPart(layers) ? 'CM-E02' : 'CM-C01';
    case 'missing-ranks': {
      const count = Math.max(0, ...layers.map(({ order }) => order + 1));
      if (count > (mostRanks[program] ?? count)) return 'CM-C05';
      if (isOutsideFirstPart(layers) && (program === 'arnold' || program === 'after-effects')) return 'CM-E02';
      return spellingsOf(layers).size > 1 && program === 'after-effects' ? 'CM-C02' : 'CM-C01';
    }
    case 'rank-channels':
      if (layers.some((layer, index) => !isWhole(layer, index === layers.length - 1))) return 'CM-C01';
      return 'CM-C16';
    case 'foreign-ranks':
      if (new Set(layers.map(({ view }) => view)).size > 1) return 'CM-E05';
      if (/\d$/.test(subject.name ?? '')) return 'CM-C07';
      return subject.previews.length > 0 && program === 'blender3' ? 'CM-C04' : 'CM-C08';
    case 'repeated-ranks':
      return 'CM-E05';
    case 'not-float':
      return 'CM-D01';
    case 'unequal-windows':
      return 'CM-D11';
  }
}

/** The problem if names contain views that a program does not remove, or all of which it reads. */
const viewCodes: ReadonlySet<string> = new Set(['other-name', 'missing-ranks', 'rank-channels', 'foreign-ranks']);

/** Whether the names of rank channels hold a view. */
export function namesViews(layers: readonly RankLayer[]): boolean {
  return layers.some(
    ({ view, channels }) => view !== '' && channels.some(({ name }) => name.split('.').includes(view)),
  );
}

function badAttributeRule(attribute: string, program: Program): string {
  const parsed = parseSetAttribute(attribute);
  if (!parsed) return 'CM-A01';
  if (program === 'fusion') return 'CM-A07';
  const fields: readonly string[] = setFields;
  return fields.includes(parsed.field) ? 'CM-A05' : 'CM-A03';
}

/** Scripts open part 0 only, and After Effects puts the names of other parts before their channels. */
export function isOutsideFirstPart(layers: readonly RankLayer[]): boolean {
  return layers.some(({ part }) => part !== 0);
}

export function spellingsOf(layers: readonly RankLayer[]): ReadonlySet<string | undefined> {
  return new Set(
    layers.flatMap(({ channels }) =>
      channels.map(({ name }) => parseComponent(parseChannelName(name).component)?.spelling),
    ),
  );
}

/** Four channels, or two in the last rank layer. */
export function isWhole(layer: Pick<RankLayer, 'slots'>, isLast: boolean): boolean {
  const found = slots.filter((slot) => layer.slots[slot]).join('');
  return found === 'rgba' || (isLast && found === 'rg');
}
