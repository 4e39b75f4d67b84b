/** What holds of Cryptomattes after a chain of steps. Each law gives what is wrong in words, or undefined. */

import { readManifest } from '../../lib/cryptomatte/index.js';
import { settle } from '../../lib/cryptomatte/settle.js';
import { parseHeader } from '../../lib/format/header-parser.js';
import { writeHeader } from '../../lib/format/header-writer.js';
import { decodeText } from '../../lib/format/index.js';
import {
  Attributes,
  type Channel,
  type FilterStep,
  type Header,
  isArrived,
  isExrError,
  lossyChannels,
  makePlan,
  type Notice,
  type Plane,
} from '../../lib/index.js';
import { slots } from '../../lib/layers/components.js';
import { guardedChannels, headerSets, placesOf, rankChannels } from '../../lib/layers/index.js';
import { looseStem } from '../../lib/layers/rank-groups.js';
import type { Program } from '../../lib/layers/seen-by/program.js';
import { programFacts } from '../../lib/layers/seen-by/program.js';
import { seenBy, works } from '../../lib/layers/seen-by/seen-by.js';
import { advance, originOf, runChain, type Sketch, type Stage, start, throughPipe, write } from './chains.js';
import { together } from './layouts.js';

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
  readonly steps: readonly FilterStep[];
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

/** A chain in one process, and a pipe of processes with a step each, write headers that say the same, for the same planes. */
export async function pipeEqualsChain(header: Header, chain: readonly Sketch[]): Promise<Breach | undefined> {
  const { stage, steps } = await runChain(header, chain);
  const [file] = write(stage).files as [Header];
  const bytes = written(file);
  if (bytes === undefined || isTorn(stage) || namesMeet(header, stage)) return undefined;
  let pipe = start(header);
  for (const step of steps) {
    const next = await advance(pipe, step);
    if (isExrError(next)) return { what: `refused on a pipe only: ${next.message}`, steps, file: pipe.header };
    pipe = throughPipe(next);
    // Where programs would take a single part's name for a layer's, a file has none, and the next process cannot know it.
    if (pipe.header.parts[0]?.name === undefined && next.header.parts[0]?.name !== undefined) return undefined;
  }
  // What nobody changed passes as it came, also at the end of a chain of steps that all changed nothing.
  const what = difference(parseHeader(bytes).header, pipe.header);
  if (what !== undefined) return { what, steps, file: pipe.header };
  const planes = (parts: Header['parts'], at: Stage) =>
    parts.flatMap(({ channels }) => channels.map((channel) => originOf(channel, at) ?? 'computed'));
  const [one, other] = [planes(file.parts, stage), planes(pipe.header.parts, pipe)];
  const differs = one.some((plane, index) => plane !== 'computed' && plane !== other[index]);
  return differs ? { what: 'different planes', steps, file: pipe.header } : undefined;
}

/** Whether a chain left metadata without its channels, and said so: what becomes of it depends on what is in each file. */
function isTorn({ notices }: Stage): boolean {
  return notices.some(({ code }) => code === 'SET_TORN');
}

/** How two headers differ; undefined where they do not. New attributes may stand in another order, which means nothing. */
function difference(one: Header, other: Header): string | undefined {
  if (one.parts.length !== other.parts.length) return `${one.parts.length} parts, on a pipe ${other.parts.length}`;
  for (const [number, { attributes }] of one.parts.entries()) {
    const there = other.parts[number]?.attributes ?? new Attributes();
    for (const name of new Set([...attributes.names(), ...there.names()])) {
      const [a, b] = [attributes.get(name), there.get(name)];
      if (a && b && a.type === b.type && Buffer.compare(a.value, b.value) === 0) continue;
      return `${a ? `"${name}" of "${decodeText(a.value)}"` : `no ${name}`}, on a pipe ${b ? `"${decodeText(b.value)}"` : 'none'}`;
    }
  }
  return undefined;
}

/** The bytes of a header; undefined for one that no file can have. */
function written(header: Header): Uint8Array | undefined {
  try {
    return writeHeader(header);
  } catch (error) {
    if (isExrError(error)) return undefined;
    throw error;
  }
}

/** What is settled for a file stays as it is when it is settled again, and moves no pixels otherwise than planned. */
export async function settledOnce(
  header: Header,
  chain: readonly Sketch[],
  apart: boolean,
): Promise<Breach | undefined> {
  const { stage, steps } = await runChain(header, chain);
  // What nobody changed passes as it came.
  if (stage.header.parts === header.parts || namesMeet(header, stage)) return undefined;
  const { files } = write(stage, apart ? '{layer}.exr' : undefined);
  for (const file of files) {
    // What beside others was a preview, or beyond doubt, may be something else by itself.
    const [beside, alone] = [rankPlanes(stage.header), rankPlanes(file)];
    if (file.parts.some(({ channels }) => channels.some(({ plane }) => beside.has(plane) !== alone.has(plane))))
      continue;
    const again = settle(file, file, { warn() {}, note() {} });
    const [one, other] = [written(file), written(again)];
    if (one && (!other || Buffer.compare(one, other) !== 0))
      return { what: 'settling twice changes more', steps, file: together(file, again) };
    const planes = new Set(file.parts.flatMap(({ channels }) => channels.map(({ plane }) => plane)));
    const unsettled = stage.header.parts.filter(({ channels }) => channels.some(({ plane }) => planes.has(plane)));
    const [before, after] = [planOf({ ...stage.header, parts: unsettled }, stage.arrived), planOf(file, stage.arrived)];
    if (before !== after) return { what: `another plan: ${before} became ${after}`, steps, file };
  }
  return undefined;
}

function rankPlanes(header: Header): Set<Channel['plane']> {
  return new Set([...rankChannels(header)].map(({ plane }) => plane));
}

function planOf(wanted: Header, arrived: Header): string {
  try {
    return makePlan(wanted, arrived)
      .map(({ method, sources }) => `${method} ${sources}`)
      .join(', ');
  } catch (error) {
    if (isExrError(error)) return error.code;
    throw error;
  }
}

/** What arrived as IDs arrives at the output float and without loss, or the run is refused. */
export async function idsArriveWhole(
  header: Header,
  chain: readonly Sketch[],
  finish: readonly FilterStep[],
): Promise<Breach | undefined> {
  const guarded = new Set([...guardedChannels(header).keys()].map(({ plane }) => plane));
  const { stage, steps } = await runChain(header, chain);
  let last = stage;
  for (const step of finish) {
    const next = await advance(last, step);
    if (isExrError(next)) return undefined;
    last = next;
  }
  for (const file of write(last).files)
    try {
      makePlan(file, last.arrived, { allowLossy: true });
    } catch (error) {
      if (isExrError(error)) return undefined;
      throw error;
    }
  for (const file of write(last).files)
    for (const part of file.parts) {
      const losing = lossyChannels(part);
      for (const channel of part.channels)
        if (guarded.has(channel.plane as Plane) && (channel.type !== 'float' || losing.has(channel)))
          return {
            what: `"${channel.name}" is ${channel.type} and ${part.compression}`,
            steps: [...steps, ...finish],
            file,
          };
    }
  return undefined;
}

/** The Cryptomattes that work in a program: the planes of their ranks, in its order. */
function workingIn(program: Program, header: Header, stage: Pick<Stage, 'origins'>): string[][] {
  return seenBy(header, program)
    .filter(works)
    .map(({ ranks }) => ranks.map((rank) => rank.map((channel) => originOf(channel, stage) ?? 'computed').join(' ')));
}

/** What a program could use before, it can use after in the files that have all of it, or a warning names the program. */
export async function programsStillSee(
  header: Header,
  chain: readonly Sketch[],
  apart: boolean,
  program: Program,
): Promise<Breach | undefined> {
  const before = workingIn(program, header, start(header));
  const { stage, steps } = await runChain(header, chain);
  const { files, notices } = write(stage, apart ? '{layer}.exr' : undefined);
  const { label } = programFacts[program];
  const isWarned = [...stage.notices, ...notices].some(
    ({ level, code, message }) => level === 'warning' && code === 'PROGRAM_LOSES' && message.includes(label),
  );
  // Of a Cryptomatte that was torn apart every program loses something, which has a warning of its own.
  if (isWarned || isTorn(stage) || before.length === 0) return undefined;
  for (const file of files) {
    const there = new Set(file.parts.flatMap(({ channels }) => channels.flatMap((one) => originOf(one, stage) ?? [])));
    const after = new Set(workingIn(program, file, stage).map((ranks) => JSON.stringify(ranks)));
    const lost = before.find(
      (ranks) =>
        ranks
          .join(' ')
          .split(' ')
          .every((plane) => there.has(plane)) && !after.has(JSON.stringify(ranks)),
    );
    if (lost) return { what: `${label} does not find ${lost[0]} any more`, steps, file };
  }
  return undefined;
}
