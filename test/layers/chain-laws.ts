/** What holds of Cryptomattes after a chain of steps. Each law gives what is wrong in words, or undefined. */
import {
  guardedChannels,
  type Header,
  headerSets,
  isArrived,
  isExrError,
  lossyChannels,
  makePlan,
  type Notice,
  placesOf,
  readManifest,
  type Step,
} from '../../lib/index.js';
import { slots } from '../../lib/layers/components.js';
import { looseStem } from '../../lib/layers/rank-groups.js';
import { originOf, runChain, type Sketch, type Stage, start, write } from './chains.js';

/** A Cryptomatte by what it is: planes in the order of their ranks, view by view, and names. */
interface Known {
  readonly name: string;
  readonly names: readonly string[];
  readonly views: readonly string[];
  readonly planes: ReadonlySet<string>;
}

function knownSets(header: Header, stage: Pick<Stage, 'origins'>): Known[] {
  return headerSets(header).flatMap((set): Known[] => {
    if (set.layers.length === 0) return [];
    const views = new Map<string, string[]>();
    for (const { view, slots: found } of set.layers) {
      const rank = slots.map((slot) => (found[slot] ? (originOf(found[slot], stage) ?? 'computed') : '-')).join(' ');
      views.set(view, [...(views.get(view) ?? []), rank]);
    }
    const names = set.manifest ? [...readManifest(set.manifest).names.keys()] : [];
    const ranks = [...views.values()].map((own) => own.join(' | '));
    return [
      {
        name: set.name ?? '',
        names,
        views: ranks,
        planes: new Set(ranks.flatMap((rank) => rank.split(/[ |-]+/)).filter(Boolean)),
      },
    ];
  });
}

/** Whether a warning speaks of a Cryptomatte by one of its names; long lists are cut. */
function mentions(notices: readonly Notice[], names: ReadonlySet<string>): boolean {
  return notices.some(
    ({ level, code, message }) =>
      level === 'warning' &&
      ([...names].some((name) => message.includes(`"${name}"`)) ||
        (code === 'SAME_NAME' && / and \d+ more/.test(message))),
  );
}

/** What became of the Cryptomattes of a header that is wrong, in words; undefined where all is well. */
function wrong(
  before: readonly Known[],
  aliases: ReadonlyMap<string, ReadonlySet<string>>,
  file: Header,
  stage: Stage,
  notices: readonly Notice[],
): string | undefined {
  const after = knownSets(file, stage);
  const there = new Set(
    file.parts.flatMap(({ channels }) => channels.flatMap((channel) => originOf(channel, stage) ?? [])),
  );
  for (const set of before) {
    if (![...set.planes].every((plane) => there.has(plane))) continue;
    // Views whose names differ from now on are Cryptomattes of their own.
    const found = set.views.every((view) =>
      after.some((one) => one.views.includes(view) && set.names.every((name) => one.names.includes(name))),
    );
    if (!found && !mentions(notices, aliases.get(set.name) ?? new Set([set.name])))
      return `"${set.name}" is not found again`;
  }
  for (const one of after) {
    const allowed = new Set(
      before.filter((set) => [...set.planes].some((plane) => one.planes.has(plane))).flatMap(({ names }) => names),
    );
    const foreign = one.names.find((name) => !allowed.has(name));
    const owner = before.find(({ names }) => foreign !== undefined && names.includes(foreign));
    if (foreign !== undefined && !mentions(notices, aliases.get(owner?.name ?? '') ?? new Set()))
      return `"${one.name}" has the foreign name "${foreign}"`;
  }
  return undefined;
}

/**
 * Whether a chain gave one name to several Cryptomattes, with metadata or without. Which of them a name means then, nobody can
 * tell from the header.
 */
function namesMeet(before: Header, now: Stage): boolean {
  const places = new Map([...placesOf(now.header).values()].map((place) => [originOf(place.channel, now), place]));
  const sets = new Map(
    headerSets(before).flatMap((set) =>
      set.layers.flatMap(({ channels }) => channels.map((one) => [one, set] as const)),
    ),
  );
  const owners = new Map<string, unknown>();
  for (const channel of guardedChannels(before).keys()) {
    const layer = isArrived(channel.plane)
      ? places.get(`${channel.plane.part}:${channel.plane.index}`)?.layer
      : undefined;
    if (layer === undefined) continue;
    const group = sets.get(channel) ?? stemOf(placesOf(before).get(channel)?.layer ?? '');
    const name = stemOf(layer);
    if ((owners.get(name) ?? group) !== group) return true;
    owners.set(name, group);
  }
  return false;
}

function stemOf(layer: string): string {
  return looseStem(layer)?.name ?? layer;
}

/** What to tell where a law is broken. */
export interface Breach {
  readonly what: string;
  readonly steps: readonly Step[];
  readonly file: Header | undefined;
}

/** A Cryptomatte whose planes are all in a file is found there with its names and ranks, or a warning names it; none gets other names. */
export async function namesFollow(
  header: Header,
  chain: readonly Sketch[],
  apart: boolean,
): Promise<Breach | undefined> {
  const before = knownSets(header, start(header));
  const aliases = new Map(before.map(({ name }) => [name, new Set([name])]));
  let meet = false;
  const { stage, steps } = await runChain(header, chain, (now) => {
    meet ||= namesMeet(header, now);
    for (const one of knownSets(now.header, now))
      for (const set of before)
        if ([...set.planes].some((plane) => one.planes.has(plane))) aliases.get(set.name)?.add(one.name);
  });
  if (meet) return undefined;
  const { files, notices } = write(stage, apart ? '{layer}.exr' : undefined);
  for (const file of files) {
    const what = wrong(before, aliases, file, stage, [...stage.notices, ...notices]);
    if (what !== undefined) return { what, steps, file };
  }
  return undefined;
}
