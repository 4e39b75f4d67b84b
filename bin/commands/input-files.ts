/** The files that the inputs of `info` or `validate` stand for, and the frames that are not there. */
import { dirname } from 'node:path';
import { ExrError, formatFrames, parseFrames } from '../../lib/index.js';
import { type FoundSequence, findInput, noFiles } from '../../lib/program.js';
import { usageError } from '../words/usage.js';

export interface InputFile {
  readonly path: string;
  readonly stem: string;
  readonly frame: number | undefined;
}

/** Frames of one sequence and view that are not there. */
export interface Gap {
  /** As the user named it. */
  readonly input: string;
  readonly view: string | undefined;
  /** `3,7-9`. */
  readonly frames: string;
}

/** What one input stands for. */
export interface InputFiles {
  readonly input: string;
  readonly files: readonly InputFile[];
  /** Requested frames without a file; without a request, those between the first file and the last. */
  readonly gaps: readonly Gap[];
  /** What kept its files from being found. */
  readonly error?: unknown;
}

/** The input itself, or the files of a folder, glob or frame pattern. Throws when there are none: nothing checked is no success. */
export async function inputFiles(input: string): Promise<readonly InputFile[]> {
  if (input === '-') return [stdinFile];
  const files = (await findInput(input)).flatMap((sequence) => sequence.files);
  if (files.length === 0) throw noFiles(input);
  return files;
}

const stdinFile: InputFile = { path: '-', stem: 'stdin', frame: undefined };

/**
 * The files of all inputs, or of a range of frames those with these numbers. Files that are named one by one, as by a shell's
 * glob, are a sequence like those of a folder: what it lacks of the range is missing. Throws `usage` for a range of which there
 * is no frame at all.
 */
export async function findFiles(inputs: readonly string[], range: string | undefined): Promise<readonly InputFiles[]> {
  const frames = range === undefined ? undefined : new Set(parseFrames(range));
  if (frames && inputs.includes('-')) throw usageError('the image on stdin has no frame number', 'Remove --frames.');
  const found = await Promise.all(inputs.map(findSequences));
  if (!frames)
    return found.map(({ input, sequences, error }) => ({
      input,
      files: input === '-' ? [stdinFile] : sequences.flatMap(({ files }) => files),
      gaps: sequences.flatMap(holesOf),
      error,
    }));
  const chosen = grouped(found).map(({ input, sequences, error }) => {
    const some = sequences.map((sequence) => chooseFrames(sequence, frames));
    return { input, files: some.flatMap(({ files }) => files), gaps: some.flatMap(({ gaps }) => gaps), error };
  });
  if (chosen.every(({ files, gaps, error }) => files.length + gaps.length === 0 && error === undefined))
    throw new ExrError('usage', 'NO_FRAMES', 'none of the requested frames exist', {
      hint: 'Check the range of frames.',
    });
  return chosen;
}

/** The error for requested frames that are not there. */
export function framesMissing({ input, view, frames }: Gap): ExrError {
  const whose = view === undefined ? '' : ` of the view ${view}`;
  return new ExrError('usage', 'NOT_ALL_FRAMES', `requested frames${whose} are missing: ${frames}`, {
    where: { file: input },
  });
}

/** The note on frames that nobody has requested and that are not there. */
export function gapText({ input, view, frames }: Gap): string {
  return `${input}${view === undefined ? '' : ` (${view})`}: frames are missing between others: ${frames}`;
}

interface Found {
  readonly input: string;
  readonly sequences: readonly FoundSequence[];
  readonly error?: unknown;
}

async function findSequences(input: string): Promise<Found> {
  if (input === '-') return { input, sequences: [] };
  try {
    const sequences = await findInput(input);
    if (sequences.every(({ files }) => files.length === 0)) throw noFiles(input);
    return { input, sequences };
  } catch (error) {
    return { input, sequences: [], error };
  }
}

/** Single files that differ only in their numbers taken together, where the first of them stands. */
function grouped(found: readonly Found[]): readonly Found[] {
  const groups = new Map<string, FoundSequence['files'][number][]>();
  return found.map(({ sequences, ...rest }) => ({
    ...rest,
    sequences: sequences.flatMap((sequence): FoundSequence[] => {
      const [file] = sequence.files;
      if (sequence.kind !== 'file' || file?.digits === undefined) return [sequence];
      const name = `${dirname(file.path)}/${file.stem}.####.exr`.replace(/^\.\//, '');
      const known = groups.get(name);
      known?.push(file);
      if (known) return [];
      const files = [file];
      groups.set(name, files);
      return [{ input: name, kind: 'listing', files }];
    }),
  }));
}

/** A sequence has views as rows and frames as columns; in a folder one without any of the frames is another sequence. */
function chooseFrames({ input, kind, files }: FoundSequence, frames: ReadonlySet<number>): Omit<InputFiles, 'input'> {
  const chosen = files.filter(({ frame }) => frame !== undefined && frames.has(frame));
  if (kind !== 'pattern' && chosen.length === 0) return { files: [], gaps: [] };
  const gaps = viewsOf(files).flatMap((view) => {
    const there = new Set(chosen.flatMap((file) => (file.view === view && file.frame !== undefined ? file.frame : [])));
    const missing = formatFrames([...frames].filter((frame) => !there.has(frame)));
    return missing === '' ? [] : [{ input, view, frames: missing }];
  });
  return { files: chosen, gaps };
}

function holesOf({ input, files }: FoundSequence): readonly Gap[] {
  return viewsOf(files).flatMap((view) => {
    const numbers = files.flatMap((file) => (file.view === view && file.frame !== undefined ? file.frame : []));
    const frames = holesIn(new Set(numbers));
    return frames === '' ? [] : [{ input, view, frames }];
  });
}

function viewsOf(files: FoundSequence['files']): readonly (string | undefined)[] {
  return [...new Set(files.map(({ view }) => view))];
}

/** Frames that are not there, between the first and the last; '' where there are none. A hole may be wider than any range. */
export function holesIn(frames: ReadonlySet<number>): string {
  const sorted = [...frames].sort((a, b) => a - b);
  const holes: string[] = [];
  for (const [at, frame] of sorted.entries()) {
    const before = sorted[at - 1] ?? frame - 1;
    if (frame - before > 2) holes.push(`${before + 1}-${frame - 1}`);
    else if (frame - before === 2) holes.push(String(before + 1));
  }
  return holes.join(',');
}
