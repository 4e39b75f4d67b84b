/** The first pass over a shot, for steps that need to know all frames before one of them is written. */

import { type FilterStep, type Notice, reporter } from '../engine/filter.js';
import { type Advice, advise, optionNamed } from '../model/advice.js';
import { closeQuietly } from '../model/close.js';
import { asExrError, ExrError } from '../model/error.js';
import { firstFew } from '../model/listed.js';
import { filterContext, openFrame } from '../node/pipeline.js';
import { expectListeners } from '../node/signals.js';
import { coreCount } from '../node/thread.js';
import type { Item } from './items.js';
import type { SequenceOptions } from './options.js';
import { listItems } from './source.js';

/** @throws ExrError of kind `usage` for chains that a first pass cannot be made for. */
export function checkSurveys({ steps, watch, inPlace = false }: SequenceOptions): void {
  const at = steps.findIndex(({ beginSurvey }) => beginSurvey);
  if (at < 0) return;
  const name = steps[at]?.filter ?? '';
  if (watch)
    throw usage(
      advise`${name} must know all frames before the first is written, which ${optionNamed('watch')} cannot wait for`,
      ['Run it over the shot once the render is done.'],
    );
  if (inPlace && steps.length > 1)
    throw usage(`in place, ${name} cannot run with other steps, since it reads the shot twice`, [
      'After an interruption it would read frames that the other steps have already changed.',
      'Run it by itself, or write to another folder.',
    ]);
  if (steps.slice(at).some(({ joins }) => joins))
    throw usage(`${name} cannot look at a shot before its inputs are joined`, [
      `Put ${name} after the step that joins.`,
    ]);
}

function usage(message: string | Advice, hints: readonly string[]): ExrError {
  return new ExrError('usage', 'BAD_SEQUENCE', message, { hint: hints.join(' ') });
}

/**
 * The frames to look at: all of the inputs, whichever are to be written. A farm's tasks, each with some of the frames, then find the same.
 */
async function wholeShot({ inputs, steps }: SequenceOptions): Promise<readonly Item[]> {
  const joins = steps.some((step) => step.joins);
  return (await listItems(inputs, { frames: undefined, missing: 'skip', joins })).items;
}

/**
 * The steps with those that need a first pass replaced by what it makes of them; the same list where none does, or where the
 * signal came first. Throws what keeps a frame from being looked at, unless failing frames are skipped: these are then
 * left out, with a warning.
 */
export async function surveyed(options: SequenceOptions): Promise<readonly FilterStep[]> {
  let { steps } = options;
  if (!steps.some(({ beginSurvey }) => beginSurvey)) return steps;
  const items = await wholeShot(options);
  // Several frames listen to it at once.
  if (options.signal) expectListeners(options.signal);
  for (let at = 0; at < options.steps.length; at++) {
    const step = await survey(at, steps, items, options);
    if (step) steps = steps.map((old, number) => (number === at ? step : old));
    if (options.signal?.aborted) return options.steps;
  }
  return steps;
}

async function survey(
  at: number,
  steps: readonly FilterStep[],
  items: readonly Item[],
  options: SequenceOptions,
): Promise<FilterStep | undefined> {
  const { filter, beginSurvey } = steps[at] as FilterStep;
  if (!beginSurvey) return undefined;
  const { signal, strict = false, onError, onEvent, limits, for: programs } = options;
  const pass = beginSurvey();
  const notices: Notice[] = [];
  const failed: string[] = [];
  const waiting = [...items];
  let done = 0;
  const tell = (own: readonly Notice[]): void =>
    onEvent?.({ type: 'survey', filter, done, total: items.length, notices: own });
  const look = async (item: Item): Promise<void> => {
    const reading = { signal, limits, for: programs };
    const document = await openFrame(item.inputs, steps.slice(0, at), reading);
    try {
      await pass.look(document.header, filterContext(document, { ...reading, onNotice: (one) => notices.push(one) }));
    } finally {
      await closeQuietly(document.source);
    }
  };
  const lane = async (): Promise<void> => {
    for (let item = waiting.shift(); item && !signal?.aborted; item = waiting.shift()) {
      const name = item.inputs[0]?.path ?? item.name;
      try {
        await look(item);
      } catch (error) {
        if (signal?.aborted) return;
        if (onError !== 'skip') {
          waiting.length = 0;
          throw asExrError(error, { file: name, ...(item.frame !== undefined && { frame: item.frame }) });
        }
        failed.push(name);
      }
      done += 1;
      tell([]);
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: coreCount() }, lane));
  for (const one of lanes) if (one.status === 'rejected') throw one.reason;
  if (signal?.aborted) return undefined;
  const report = reporter((one) => notices.push(one));
  if (failed.length > 0)
    report.warn('FRAMES_UNSEEN', `the first pass could not read ${failed.length} frames: ${firstFew(failed.sort())}`);
  const step = pass.step(report);
  const distinct = [...new Map(notices.map((one) => [`${one.code} ${one.message}`, one])).values()];
  const [first] = strict ? distinct.filter(({ level }) => level === 'warning') : [];
  if (first)
    throw new ExrError('invalid', first.code, first.message, {
      hint: '(A warning, treated as an error because of strict.)',
    });
  tell(distinct);
  return step;
}
