/** What a run looks like to people: frames, errors, and the summary as text. */

import { printable } from '../../lib/format/index.js';
import { describeError, type EventError, type FrameId, formatFrames, type SequenceSummary } from '../../lib/index.js';
import { fromErrorData } from '../../lib/program.js';
import { inOptionWords } from '../terminal/option-hints.js';
import { sizeText, timeText } from '../terminal/units.js';

/** How a frame is called: its number, and its view; its file where it has no number. */
export function frameText({ frame, view, inputs }: FrameId): string {
  const name = frame === undefined ? printable(inputs[0] ?? 'frame') : `frame ${frame}`;
  return view === undefined ? name : `${name} (${printable(view)})`;
}

export function errorText(error: EventError): string {
  return describeError(inOptionWords(fromErrorData(error)));
}

/** One line for how a run ended, and what to do about what is left. */
export function summaryLines(summary: SequenceSummary): string[] {
  const { dryRun, done, existing, skipped, failed, left, leftFrames, stopped, bytes, milliseconds } = summary;
  const counts = [
    `${done} ${done === 1 ? 'frame' : 'frames'} ${dryRun ? 'would be done' : 'done'}`,
    existing > 0 ? `${existing} up to date` : undefined,
    skipped.length > 0 ? `${skipped.length} skipped` : undefined,
    failed.length > 0 ? `${failed.length} ${dryRun ? 'would fail' : 'failed'}` : undefined,
    left > 0 ? `${left} not done` : undefined,
  ].filter((text) => text !== undefined);
  const rate = milliseconds > 0 && bytes > 0 ? ` (${sizeText((bytes / milliseconds) * 1000)}/s)` : '';
  const counted = counts.join(', ');
  const lines = [
    dryRun ? `${counted} (dry run: nothing was written)` : `${counted} in ${timeText(milliseconds)}${rate}`,
  ];
  if (failed.length > 0) lines.push(`${dryRun ? 'would fail' : 'failed'}: ${listText(failed)}`);
  if (skipped.length > 0) lines.push(`skipped: ${listText(skipped)}`);
  if (left > 0) {
    lines.push(`${leftText(stopped)}; not done: ${leftFrames || `${left} files`}`);
    if (stopped && !dryRun) lines.push('to process the rest, run the same command again with --skip-existing');
  }
  return lines;
}

/** Why a run is no success, in one line: which frames failed, with the first error, and which were left. */
export function failureText({ failed, left, leftFrames, stopped }: SequenceSummary): string | undefined {
  const [first] = failed;
  const frames = failed.length === 1 ? '1 frame' : `${failed.length} frames`;
  const texts = [
    left > 0 ? `${leftText(stopped)}; not done: ${leftFrames || `${left} files`}` : undefined,
    first &&
      `${frames} failed: ${failed.length === 1 ? '' : `${listText(failed)}; the first: `}${errorText(first.error)}`,
  ].filter((text) => text !== undefined);
  return texts.length === 0 ? undefined : texts.join('; ');
}

function leftText(stopped: SequenceSummary['stopped']): string {
  return stopped === 'error' ? 'stopped by a failure' : stopped === 'signal' ? 'interrupted' : 'never finished';
}

function listText(frames: readonly FrameId[]): string {
  const numbers = frames.flatMap(({ frame }) => frame ?? []);
  const others = frames.filter(({ frame }) => frame === undefined).map(frameText);
  return [formatFrames(numbers), ...others].filter((text) => text !== '').join(', ');
}
