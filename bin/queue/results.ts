/** What became of the frames of a chunk, over all the times it was tried. */

import { type EventError, type FrameReport, formatFrames, parseFrames, type SequenceSummary } from '../../lib/index.js';
import { untouchedFrame } from '../../lib/program.js';
import type { Chunk } from './chunk.js';

/**
 * The results of this try, with what the ones before it have done: a frame that is up to date because an earlier try of this
 * chunk wrote it counts as done. Frames that were begun and not finished are left out.
 */
export function joinTries(earlier: readonly FrameReport[], now: readonly FrameReport[]): FrameReport[] {
  const known = new Map(earlier.filter(({ status }) => status === 'done').map((one) => [keyOf(one), one]));
  const joined = new Map(known);
  for (const report of now) {
    if (report.status === 'unfinished') continue;
    const key = keyOf(report);
    joined.set(key, report.status === 'existing' ? (known.get(key) ?? report) : report);
  }
  return [...joined.values()];
}

function keyOf({ frame, view, inputs }: FrameReport): string {
  return JSON.stringify([frame, view, frame === undefined ? inputs : inputs[0]]);
}

/** The results with a failure for each frame of the chunk that has none. */
export function withAbsent(reports: readonly FrameReport[], chunk: Chunk, error: EventError): FrameReport[] {
  const short = chunk.count - reports.length;
  if (short <= 0) return [...reports];
  const numbers = new Set(reports.map(({ frame }) => frame));
  const files = new Set(reports.flatMap(({ inputs }) => inputs));
  const absent: Pick<FrameReport, 'frame' | 'inputs'>[] =
    chunk.frames === undefined
      ? (chunk.inputs ?? []).filter((path) => !files.has(path)).map((path) => ({ frame: undefined, inputs: [path] }))
      : parseFrames(chunk.frames)
          .filter((frame) => !numbers.has(frame))
          .map((frame) => ({ frame, inputs: [] }));
  // One of several views of a frame is known by none of these.
  while (absent.length < short) absent.push({ frame: undefined, inputs: chunk.inputs ?? [] });
  return [...reports, ...absent.slice(0, short).map((one) => failedReport(one, error))];
}

function failedReport({ frame, inputs }: Pick<FrameReport, 'frame' | 'inputs'>, error: EventError): FrameReport {
  const where = {
    ...error.where,
    ...(frame !== undefined && { frame }),
    ...(inputs[0] !== undefined && error.where.file === undefined && { file: inputs[0] }),
  };
  return {
    ...untouchedFrame,
    index: 0,
    frame,
    view: undefined,
    inputs,
    status: 'failed',
    error: { ...error, where },
  };
}

/** How many frames came to what. */
export function countStatus(reports: readonly FrameReport[]): { done: number; existing: number; failed: number } {
  const count = (...wanted: FrameReport['status'][]) => reports.filter(({ status }) => wanted.includes(status)).length;
  return { done: count('done'), existing: count('existing'), failed: count('failed') };
}

/** A chunk with what is known of its frames. */
export interface ChunkResults {
  readonly chunk: Chunk;
  readonly reports: readonly FrameReport[];
}

/** The summary of a shot. */
export function summarize(all: readonly ChunkResults[], milliseconds: number): SequenceSummary {
  const reports = all.flatMap((one) => one.reports);
  const of = (status: FrameReport['status']) => reports.filter((one) => one.status === status);
  const numbers = (some: readonly FrameReport[]) => formatFrames(some.flatMap(({ frame }) => frame ?? []));
  const unfinished = (some: readonly FrameReport[]) =>
    some.flatMap(({ index, frame, view, inputs, error }) => (error ? [{ index, frame, view, inputs, error }] : []));
  const done = of('done');
  const existing = of('existing');
  return {
    dryRun: false,
    done: done.length,
    doneFrames: numbers(done),
    existing: existing.length,
    existingFrames: numbers(existing),
    skipped: unfinished(of('skipped')),
    failed: unfinished(of('failed')),
    left: all.reduce((sum, { chunk, reports: own }) => sum + Math.max(0, chunk.count - own.length), 0),
    leftFrames: formatFrames(all.flatMap(leftOf)),
    stopped: undefined,
    bytes: done.reduce((sum, { bytes }) => sum + bytes, 0),
    milliseconds,
  };
}

function leftOf({ chunk, reports }: ChunkResults): number[] {
  if (chunk.frames === undefined || reports.length >= chunk.count) return [];
  const known = new Set(reports.map(({ frame }) => frame));
  return parseFrames(chunk.frames).filter((frame) => !known.has(frame));
}
