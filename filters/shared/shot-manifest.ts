/** The names of a shot: what the first pass gathers, and what the second writes into each frame. */

import {
  type FrameNames,
  fillSidecarName,
  occurringIds,
  possibleNames,
  type ShotChange,
  ShotNames,
  type ShotSet,
  storedManifest,
} from '../../lib/cryptomatte/index.js';
import { advise, ExrError, type FilterContext, type Header, type Part, type SurveyPass } from '../../lib/index.js';
import { headerSets } from '../../lib/layers/index.js';
import { bytesText, manifestBytes, withField, withSidecar } from './set-names.js';

/** What the first pass over a shot has found. */
export interface FoundNames {
  readonly sets: readonly ShotSet[];
}

export function isFoundNames(value: unknown): value is FoundNames {
  return typeof value === 'object' && value !== null && 'sets' in value && Array.isArray(value.sets);
}

/** Gathers the names of all frames. `keepsAll` spares the pixels. */
export function gatherNames(keep: (name: string) => boolean, keepsAll: boolean): SurveyPass<FoundNames> {
  const shot = new ShotNames(keep);
  return {
    async look(header, context) {
      shot.add(await frameNames(header, keepsAll, context));
    },
    found(report) {
      const changes: ShotChange[] = [];
      const sets = shot.sets((change) => changes.push(change));
      if (sets.length === 0) report.warn('NO_NAMES', 'no frame of the shot has a Cryptomatte with names');
      for (const change of changes) reportChange(change, shot.frames, keepsAll, report);
      return { sets };
    },
  };
}

/** The Cryptomattes of a frame that have channels and a name, with their names and the IDs that occur. */
async function frameNames(header: Header, keepsAll: boolean, context: FilterContext): Promise<FrameNames[]> {
  const sets = headerSets(header).filter(({ name, layers }) => name !== undefined && layers.length > 0);
  const ids = keepsAll ? undefined : await occurringIds(header, sets, context.samples);
  const found: FrameNames[] = [];
  for (const set of sets) {
    const { name = '', key } = set;
    const bytes = (await manifestBytes(set, context)) ?? new Uint8Array();
    const { names } = possibleNames(storedManifest(bytes));
    found.push({ name, key, names, ids: ids?.get(set), bytes: bytes.length });
  }
  return found;
}

function reportChange(
  { name, before, after, bytesBefore, bytesAfter, frames, rekeyed, problem }: ShotChange,
  of: number,
  keepsAll: boolean,
  report: Pick<FilterContext, 'warn' | 'note'>,
): void {
  if (problem !== undefined && !keepsAll)
    report.warn('NAMES_KEPT', advise`all names of "${name}" are kept: ${problem}`);
  report.note(
    'SHOT_NAMES',
    `"${name}": ${after} of the ${before} names of ${of} frames, the same on each; the manifest has ${bytesText(bytesAfter)}, before up to ${bytesText(bytesBefore)}${rekeyed ? '; its keys differed' : ''}`,
  );
  if (frames < of)
    report.warn(
      'SET_MISSING',
      `${of - frames} of ${of} frames have no Cryptomatte "${name}"; the others have the same names`,
    );
}

/** A frame with the names and keys of the shot, in the file, or in a sidecar that all frames name. */
export function withShotNames(
  header: Header,
  { sets }: FoundNames,
  sidecar: string | undefined,
  context: FilterContext,
): Header {
  const known = new Map(sets.map((set) => [set.name, set]));
  let current = withKeys(header, known, context);
  // What is written for one set leaves the attributes of the others where they are.
  for (const set of headerSets(current)) {
    const found = known.get(set.name ?? '');
    if (!found || set.layers.length === 0) continue;
    if (sidecar === undefined) {
      current = withField(current, set, 'manifest', { type: 'string', value: found.manifest });
      continue;
    }
    const [input] = context.inputs;
    const words = { stem: input?.stem ?? 'stdin', layer: found.name, frame: input?.frame };
    const name = fillSidecarName(sidecar, words);
    const other = current.sideFiles?.find((file) => file.name === name);
    if (other && other.bytes !== found.manifest)
      throw new ExrError('usage', 'SIDECAR_TWICE', `two Cryptomattes would have the sidecar "${name}"`, {
        hint: 'Put {layer} into the pattern.',
      });
    current = withSidecar(current, set, { name, bytes: found.manifest, shared: !sidecar.includes('{frame}') });
  }
  return current;
}

/** The header with the keys of the shot. All are exchanged at once, since one set's new key may be another's old one. */
function withKeys(header: Header, known: ReadonlyMap<string, ShotSet>, context: FilterContext): Header {
  const moves = headerSets(header).flatMap(({ name = '', key, prefix, attributes, parts, layers }) => {
    const fresh = known.get(name)?.key;
    if (fresh === undefined || fresh === key || layers.length === 0) return [];
    const pairs = [...attributes].map(([field, old]) => [old, `${prefix}${fresh}/${field}`] as const);
    return [{ name, fresh, parts, pairs }];
  });
  if (moves.length === 0) return header;
  const leaving = header.parts.map(
    (_, number) =>
      new Set(moves.flatMap(({ parts, pairs }) => (parts.includes(number) ? pairs.map(([old]) => old) : []))),
  );
  const taken = header.parts.map(() => new Set<string>());
  const renamed = header.parts.map(() => new Map<string, string>());
  for (const { name, fresh, parts, pairs } of moves) {
    const isFree = parts.every((part) =>
      pairs.every(
        ([, target]) =>
          !taken[part]?.has(target) && (leaving[part]?.has(target) || !header.parts[part]?.attributes.has(target)),
      ),
    );
    if (!isFree) {
      context.warn(
        'KEY_TAKEN',
        `"${name}" cannot have the key ${fresh} as on other frames: another Cryptomatte has it`,
      );
      continue;
    }
    for (const part of parts)
      for (const [old, target] of pairs) {
        renamed[part]?.set(old, target);
        taken[part]?.add(target);
      }
  }
  return {
    ...header,
    parts: header.parts.map(
      (part, number): Part => ({
        ...part,
        attributes: part.attributes.rename((name) => renamed[number]?.get(name) ?? name),
      }),
    ),
  };
}
