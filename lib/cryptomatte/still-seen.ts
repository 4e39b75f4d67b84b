/** Warns if programs no longer find in the outputs what they found in the inputs. */
import { type Program, programFacts, programs } from '../layers/seen-by/program.js';
import { seenBy, works } from '../layers/seen-by/seen-by.js';
import { headerSets } from '../layers/sets.js';
import { advise, optionNamed } from '../model/advice.js';
import { sourcePlanes } from '../model/channels.js';
import type { Channel, Header } from '../model/header.js';
import { listed } from '../model/listed.js';
import type { NoticeReporter } from './carry.js';

/**
 * Warns (PROGRAM_LOSES) of Cryptomattes that a program found in one of the arrived headers and no longer finds in the outputs,
 * although their channels and metadata still exist. Cryptomattes are identified by the planes of their IDs, as programs order
 * ranks in their own ways.
 */
export function reportUnseen(
  arrived: readonly Pick<Header, 'parts'>[],
  outputs: readonly Pick<Header, 'parts'>[],
  report: NoticeReporter,
  asked: readonly Program[] = [],
): void {
  const declared = outputs.map(declaredPlanes);
  if (declared.every(({ size }) => size === 0)) return;
  const known = new Set<string>();
  for (const program of asked.length > 0 ? asked : programs) {
    const before = new Map(arrived.flatMap((header) => [...seenPlanes(header, program)]));
    if (before.size === 0) continue;
    const after = new Map(outputs.flatMap((header) => [...seenPlanes(header, program)]));
    const lost = [...before].filter(([plane, { everywhere }]) => {
      const now = after.get(plane);
      const isFound = now !== undefined && (now.everywhere || !everywhere);
      return !isFound && declared.some((own) => own.has(plane));
    });
    const names = [...new Set(lost.map(([, { name }]) => name))];
    // If old and new versions of a program agree, one warning is enough.
    const id = `${programFacts[program].label.split(' ')[0]} ${names}`;
    if (names.length === 0 || known.has(id)) continue;
    const isFirst = known.size === 0;
    known.add(id);
    const why = reason(
      outputs,
      program,
      lost.map(([plane]) => plane),
    );
    const message = `${programFacts[program].label} no longer finds ${listed(names)}: ${why}`;
    report.warn(
      'PROGRAM_LOSES',
      isFirst ? advise`${message}; choose the programs that matter with ${optionNamed('for')}` : message,
    );
  }
}

interface Seen {
  readonly name: string;
  /**
   * Whether it works in scenes with any working space, unlike Blender's Cryptomattes in files with a colour space other than
   * Rec. 709.
   */
  readonly everywhere: boolean;
}

/** The Cryptomattes that work in a program, by the first plane of each rank layer. */
function seenPlanes(header: Pick<Header, 'parts'>, program: Program): Map<string, Seen> {
  const found = new Map<string, Seen>();
  for (const sighting of seenBy(header, program)) {
    const everywhere = works(sighting);
    if (!everywhere && sighting.problem?.code !== 'colour-space') continue;
    for (const [channel] of sighting.ranks) {
      const plane = channel && planeOf(channel);
      if (plane !== undefined) found.set(plane, { name: sighting.set.name ?? sighting.set.key, everywhere });
    }
  }
  return found;
}

/** First planes of the rank layers of all Cryptomattes that metadata refers to. */
function declaredPlanes(header: Pick<Header, 'parts'>): Set<string> {
  const layers = headerSets(header).flatMap((set) => set.layers);
  return new Set(layers.flatMap(({ slots: { r } }) => (r && planeOf(r)) ?? []));
}

function planeOf(channel: Channel): string | undefined {
  const [plane] = sourcePlanes(channel);
  return plane && `${plane.part}:${plane.index}`;
}

/** The program's problem with the first of the Cryptomattes that have some planes. */
function reason(outputs: readonly Pick<Header, 'parts'>[], program: Program, planes: readonly string[]): string {
  for (const header of outputs) {
    const sets = headerSets(header).filter(({ layers }) =>
      layers.some(({ slots: { r } }) => planes.includes((r && planeOf(r)) ?? '')),
    );
    const names = new Set(sets.map(({ name }) => name));
    const problem = seenBy(header, program).find(({ set, problem: one }) => one && names.has(set.name))?.problem;
    if (problem) return problem.text;
  }
  return 'another Cryptomatte of its name is in the way';
}
