/** One frame, from its input files to its output files. Independent of the others, and runs on any thread. */
import type { ExrDocument } from '../engine/document.js';
import type { FilterStep, Notice } from '../engine/filter.js';
import { makePlan, type Plan } from '../engine/plan.js';
import type { Limits } from '../format/limits.js';
import { formatOf } from '../io/formats.js';
import { hasPartTokens, type Route, routeParts } from '../io/route.js';
import { placeSideFiles } from '../io/side-files.js';
import type { WriteReport } from '../io/write.js';
import type { JobRunner } from '../jobs/runner.js';
import type { Program } from '../layers/seen-by/program.js';
import { ExrError } from '../model/error.js';
import { lookAt, mustBeThere } from '../node/files.js';
import { modulePath } from '../node/modules.js';
import { join } from '../node/paths.js';
import { openFrame, writeDocument } from '../node/pipeline.js';
import { hasPngText } from '../node/png-text.js';
import { version } from '../node/version.js';
import { readWholeHeader } from '../node/whole.js';
import type { OutputKind } from './claims.js';
import type { PartReport } from './events.js';
import type { Item } from './items.js';
import { makeMark, markHeader, markName, readMark } from './mark.js';
import { markedOptions } from './marked-options.js';

/** Where outputs go: a pattern, a folder in which files keep their names, or the inputs' own places. */
export type Target =
  | { readonly kind: 'pattern'; readonly pattern: string }
  | { readonly kind: 'folder'; readonly folder: string }
  | { readonly kind: 'inPlace' };

/** The settings common to all frames of a run. Plain data. */
export interface FrameSettings {
  readonly target: Target;
  readonly skipExisting: boolean;
  readonly mark: boolean;
  readonly strict: boolean;
  readonly dryRun: boolean;
  readonly allowLossy: boolean;
  readonly for: readonly Program[] | undefined;
  readonly level: number | undefined;
  readonly limits: Limits | undefined;
  /** Addresses of the plug-ins that filters come from. */
  readonly plugins: readonly string[];
}

/** What a frame needs from its run. */
export interface FrameHost {
  readonly signal: AbortSignal;
  /** Reserves output files and prepares their folders. */
  claim(paths: readonly string[], kind: OutputKind): Promise<void>;
  /** Waits for memory when the largest unit of work needs more than the frame's share. Returns the bytes for reading ahead. */
  admit(largest: number): Promise<number>;
  notice(notice: Notice): void;
  /** The share of chunks written, and their bytes. */
  progress(done: number, bytes: number): void;
}

/** A frame's bytes minus its largest unit, which may always be in flight: the budget comes on top of it. */
export function readAheadBudget(bytes: number, largest: number): number {
  return Math.max(1, bytes - largest);
}

export type FrameResult =
  | { readonly kind: 'existing'; readonly files: readonly string[] }
  | {
      readonly kind: 'done';
      readonly files: readonly string[];
      readonly parts: readonly PartReport[];
      readonly bytes: number;
      readonly inputBytes: number;
    };

/** Milliseconds between two reports of progress: a bar needs no more, and on threads each is a message. */
const progressPause = 100;

/** The tools for a frame: the same for all frames of one thread. */
export interface FrameTools {
  readonly steps: readonly FilterStep[];
  readonly settings: FrameSettings;
  /** Where pixels are processed; the shared pool by default. */
  readonly runner: JobRunner | undefined;
}

/** Throws ExrError, or the signal's reason. Leaves no file behind that is not whole. */
export async function processFrame(item: Item, tools: FrameTools, host: FrameHost): Promise<FrameResult> {
  const { steps, settings } = tools;
  const inputs = item.inputs.map(({ path }) => path);
  const inPlace = settings.target.kind === 'inPlace';
  const options = await markedOptions(steps, item.inputs, { contents: !inPlace, limits: settings.limits });
  const mark = makeMark({ version, steps, options, level: settings.level, for: settings.for }, inputs);
  // In place, the steps must not even be tried on their own result: a prefix that was removed cannot be removed again.
  if (inPlace && settings.skipExisting && (await isOwnWork(inputs, mark, settings.limits))) {
    await host.claim(inputs, 'image');
    return { kind: 'existing', files: inputs };
  }
  const notices: Notice[] = [];
  const sources = [...inputs, ...settings.plugins.map(modulePath)];
  const document = await openFrame(item.inputs, steps, {
    signal: host.signal,
    for: settings.for,
    limits: settings.limits,
    onNotice: (notice) => void notices.push(notice),
    onRead: (path) => void sources.push(path),
  });
  try {
    const routes = makeRoutes(document, settings.target, item);
    const files = routes.flatMap(({ path }) => path ?? []);
    const sideFiles = [...placeSideFiles(routes)];
    const own = sideFiles.flatMap(([path, { shared }]) => (shared ? [] : path));
    const shared = sideFiles.flatMap(([path, file]) => (file.shared ? path : []));
    if (!settings.dryRun) {
      await host.claim(files, 'image');
      if (own.length > 0) await host.claim(own, 'sidecar');
      if (shared.length > 0) await host.claim(shared, 'shared');
    }
    if ((await areThere(shared)) && (await isDone(files, own, sources, mark, settings)))
      return { kind: 'existing', files };
    for (const notice of notices) report(notice, settings, host);
    const inputBytes = await totalSize(inputs);
    const { plan, bytes } = settings.dryRun
      ? { plan: makePlan(document.header, document.arrived, settings), bytes: 0 }
      : await write(settings.mark ? marking(document, routes, mark) : document, item, tools, host);
    return { kind: 'done', files, parts: partReports(plan, routes), bytes, inputBytes };
  } finally {
    await document.source.close();
  }
}

function write(document: ExrDocument, item: Item, tools: FrameTools, host: FrameHost): Promise<WriteReport> {
  const { allowLossy, level, target } = tools.settings;
  let reported = performance.now();
  return writeDocument(document, makeRoutes(document, target, item), {
    allowLossy,
    for: tools.settings.for,
    limits: tools.settings.limits,
    level,
    signal: host.signal,
    runner: tools.runner,
    admit: ({ largest }) => host.admit(largest),
    onNotice: (notice) => report(notice, tools.settings, host),
    // The host has prepared the folders, once for all frames.
    prepareFolder: async () => {},
    onProgress: ({ chunks, of, bytes }) => {
      const now = performance.now();
      if (now - reported < progressPause) return;
      reported = now;
      host.progress(chunks / of, bytes);
    },
  });
}

function makeRoutes(document: ExrDocument, target: Target, item: Item): Route[] {
  if (target.kind === 'pattern') return routeParts(document, target.pattern);
  // A folder for each layer, with the frame's own name in each of them.
  if (target.kind === 'folder' && hasPartTokens(target.folder))
    return routeParts(document, join(target.folder, item.name));
  const [whole] = routeParts(document, undefined);
  const path = target.kind === 'folder' ? join(target.folder, item.name) : item.inputs[0]?.path;
  return whole ? [{ ...whole, path }] : [];
}

function marking(document: ExrDocument, routes: readonly Route[], mark: string): ExrDocument {
  const firsts = routes.flatMap(({ parts }) => parts[0] ?? []);
  return { ...document, header: markHeader(document.header, firsts, mark) };
}

function report(notice: Notice, { strict }: FrameSettings, host: FrameHost): void {
  if (strict && notice.level === 'warning')
    throw new ExrError('invalid', notice.code, notice.message, {
      hint: '(A warning, treated as an error because of strict.)',
    });
  host.notice(notice);
}

async function isOwnWork(
  files: readonly string[],
  mark: string | undefined,
  limits: Limits | undefined,
): Promise<boolean> {
  for (const file of files) {
    if (formatOf(file).takes === 'lines') {
      if (mark !== undefined && !(await hasPngText(file, markName, mark))) return false;
      continue;
    }
    const header = await readWholeHeader(file, limits);
    if (!header || (mark !== undefined && readMark(header) !== mark)) return false;
  }
  return true;
}

/**
 * Whether a frame can be skipped: all its files exist and none is older than anything it was made from, and the images are
 * whole and made by this pipeline.
 */
async function isDone(
  images: readonly string[],
  sideFiles: readonly string[],
  sources: readonly string[],
  mark: string,
  { skipExisting, target, mark: marked, limits }: FrameSettings,
): Promise<boolean> {
  if (!skipExisting || target.kind === 'inPlace') return false;
  const written = await Promise.all([...images, ...sideFiles].map(changeTime));
  const made = await Promise.all([...new Set(sources)].map(changeTime));
  const oldest = Math.min(...written.map((time) => time ?? Number.NEGATIVE_INFINITY));
  const newest = Math.max(...made.map((time) => time ?? Number.POSITIVE_INFINITY));
  return oldest >= newest && isOwnWork(images, marked ? mark : undefined, limits);
}

/** Of files that frames share the time tells nothing: the mark identifies the names they hold. */
async function areThere(paths: readonly string[]): Promise<boolean> {
  const found = await Promise.all(paths.map(lookAt));
  return found.every((stats) => stats !== undefined);
}

async function changeTime(path: string): Promise<number | undefined> {
  return (await lookAt(path))?.mtimeMs;
}

async function totalSize(paths: readonly string[]): Promise<number> {
  const sizes = await Promise.all(paths.map(async (path) => (await mustBeThere(path)).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

function partReports(plan: Plan, routes: readonly Route[]): PartReport[] {
  return routes.flatMap(({ path, parts }) =>
    parts.flatMap((number) => {
      const part = plan[number];
      return part ? [{ file: path ?? '', part: part.wanted.name ?? '', method: part.method, reason: part.reason }] : [];
    }),
  );
}
