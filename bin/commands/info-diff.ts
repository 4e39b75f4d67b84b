/** `info --diff`: the differences between two files, or in the frames of two sequences. */
import { makeLimits } from '../../lib/format/index.js';
import { ExrError, formatFrames, jsonFormat, type Limits } from '../../lib/index.js';
import { compareFiles } from '../../lib/previews.js';
import { loadKernels, sharedRunners } from '../../lib/program.js';
import { jsonLine } from '../terminal/json.js';
import { exitCodes } from '../terminal/reporter.js';
import type { Session } from '../terminal/session.js';
import { writeStdout } from '../terminal/stdout.js';
import { usageError } from '../words/usage.js';
import { headerDifference } from './info-diff-header.js';
import { type Comparison, comparisonText, isSame, resultText } from './info-diff-text.js';
import { type InputFile, inputFiles } from './input-files.js';
import { openInput, refuseUnfinished } from './look/open.js';

interface Settings {
  readonly tolerance?: number | undefined;
  readonly json: boolean;
  readonly limits: Partial<Limits> | undefined;
}

/** Compares two inputs and gives the exit code: 1 where layers or pixels differ, or a frame is in one of both only. */
export async function compareInputs(inputs: readonly string[], settings: Settings, session: Session): Promise<number> {
  const [inputA, inputB, ...others] = inputs;
  if (inputA === undefined || inputB === undefined || others.length > 0)
    throw usageError('info --diff compares two inputs', 'Name two files, or two patterns.');
  if (inputA === '-' && inputB === '-') throw usageError('stdin can be read only once');
  const [filesA, filesB] = [await inputFiles(inputA), await inputFiles(inputB)];
  const [a, b] = [filesA[0], filesB[0]];
  if (filesA.length === 1 && filesB.length === 1 && a && b) {
    const comparison = await compareTwo(a.path, b.path, settings, session);
    await print(comparison, settings, false);
    return isSame(comparison) ? exitCodes.ok : exitCodes.failed;
  }
  return compareShots(byFrame(inputA, filesA), byFrame(inputB, filesB), settings, session);
}

function byFrame(input: string, files: readonly InputFile[]): Map<number, string> {
  const found = new Map<number, string>();
  for (const { path, frame } of files) {
    if (frame === undefined || found.has(frame))
      throw new ExrError('usage', 'NO_SEQUENCE', `${input} is not one sequence`, {
        hint: 'Compare two files, or two patterns such as a/shot.####.exr.',
      });
    found.set(frame, path);
  }
  return found;
}

/** Frames that differ are shown, those that do not are counted. */
async function compareShots(
  a: ReadonlyMap<number, string>,
  b: ReadonlyMap<number, string>,
  settings: Settings,
  session: Session,
): Promise<number> {
  const same: number[] = [];
  let shown = 0;
  let failed = 0;
  for (const [frame, path] of a) {
    const other = b.get(frame);
    if (other === undefined) continue;
    try {
      const comparison = await compareTwo(path, other, settings, session);
      if (isSame(comparison)) same.push(frame);
      if (isSame(comparison) && !settings.json) continue;
      await print(comparison, settings, shown > 0);
      shown += 1;
    } catch (error) {
      session.signal.throwIfAborted();
      failed += 1;
      session.reporter.error(error);
    }
  }
  const [onlyA, onlyB] = [lacking(a, b), lacking(b, a)];
  const lines = [
    ...(onlyA.length > 0 ? [`only in A: frames ${formatFrames(onlyA)}`] : []),
    ...(onlyB.length > 0 ? [`only in B: frames ${formatFrames(onlyB)}`] : []),
    same.length > 0
      ? `the same layers and pixels: frames ${formatFrames(same)}`
      : 'no frame has the same layers and pixels',
  ];
  if (!settings.json) await writeStdout(`${shown > 0 ? '\n' : ''}${lines.join('\n')}\n`);
  return failed + onlyA.length + onlyB.length === 0 && same.length === a.size ? exitCodes.ok : exitCodes.failed;
}

function lacking(frames: ReadonlyMap<number, string>, others: ReadonlyMap<number, string>): number[] {
  return [...frames.keys()].filter((frame) => !others.has(frame));
}

async function compareTwo(
  pathA: string,
  pathB: string,
  { tolerance, limits }: Settings,
  { signal }: Session,
): Promise<Comparison> {
  const a = await openInput(pathA, limits);
  try {
    const b = await openInput(pathB, limits);
    try {
      const options = { tolerance, signal, runners: sharedRunners, limits: makeLimits(limits), kernels: loadKernels };
      refuseUnfinished(a, pathA);
      refuseUnfinished(b, pathB);
      return {
        a: pathA,
        b: pathB,
        header: headerDifference(a.header, b.header),
        pixels: await compareFiles(a, b, options),
      };
    } finally {
      await b.source.close();
    }
  } finally {
    await a.source.close();
  }
}

async function print(comparison: Comparison, { json, tolerance = 0 }: Settings, apart: boolean): Promise<void> {
  if (json) await writeStdout(jsonLine(inFormat(comparison, tolerance)));
  else await writeStdout(`${apart ? '\n' : ''}${comparisonText(comparison, tolerance)}\n`);
}

function inFormat(comparison: Comparison, tolerance: number): object {
  const { a, b, header, pixels } = comparison;
  const { same, identical, different, moved, onlyA, onlyB, deep } = pixels;
  const name = ({ part, channel }: (typeof onlyA)[number]) => ({ part, channel: channel.name });
  return {
    a,
    b,
    format: jsonFormat,
    same: isSame(comparison),
    result: resultText(comparison, tolerance),
    tolerance,
    ...header,
    channels: { same, identical, deep },
    different: different.map(({ a: ofA, b: ofB, ...rest }) => ({ a: name(ofA), b: name(ofB), ...rest })),
    moved: moved.map(({ a: ofA, b: ofB, isGuess }) => ({ a: name(ofA), b: name(ofB), guess: isGuess })),
    onlyA: onlyA.map(name),
    onlyB: onlyB.map(name),
  };
}
