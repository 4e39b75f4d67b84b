/** How a run over a sequence shows itself: a bar, lines in a log, or lines for programs. */

import { printable, startWithin } from '../../lib/format/index.js';
import type { SequenceEvent } from '../../lib/index.js';
import { jsonLine } from '../terminal/json.js';
import { openJd } from '../terminal/openjd.js';
import { lineWidth } from '../terminal/table.js';
import { sizeText, timeText } from '../terminal/units.js';
import { ProgressState } from './progress-state.js';
import { errorText, frameText } from './sequence-text.js';

export type ProgressMode = 'tty' | 'log' | 'json' | 'openjd' | 'none';

export interface Display {
  take(event: SequenceEvent): void;
  /** Writes a line of text without getting in the way of the bar. */
  line(text: string): void;
  /** Leaves the terminal clean. */
  end(): void;
}

export interface TextStream {
  readonly columns?: number | undefined;
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

export interface DisplayStreams {
  readonly err: TextStream;
  readonly out: TextStream;
}

/** A bar on a terminal that can draw one, lines elsewhere. */
export function progressMode(
  wanted: ProgressMode | 'auto',
  quiet: boolean,
  err: TextStream,
  { TERM }: Readonly<Record<string, string | undefined>> = process.env,
): ProgressMode {
  if (wanted !== 'auto') return wanted;
  if (quiet) return 'none';
  // A dumb terminal cannot go back to the beginning of a line.
  return err.isTTY && TERM !== 'dumb' ? 'tty' : 'log';
}

/**
 * A display writes to stderr. Only OpenJD's messages go to stdout, where that protocol wants them: a sequence is written to
 * files, so nothing else is there. `now` is the clock, in milliseconds.
 */
export function makeDisplay(mode: ProgressMode, { err, out }: DisplayStreams, now = () => performance.now()): Display {
  switch (mode) {
    case 'tty':
      return new Bar(err);
    case 'log':
      return new Log(err, now);
    case 'json':
      return jsonLines(err);
    case 'openjd':
      return openJobDescription(out, err);
    case 'none':
      return { take: () => {}, line: (text) => void err.write(`${text}\n`), end: () => {} };
  }
}

/** Milliseconds between two drawings of the bar. */
const redrawPause = 100;
/** Milliseconds between two lines in a log. */
const logPause = 5000;
const clearLine = '\r\x1b[K';

class Bar implements Display {
  readonly #err: TextStream;
  readonly #state = new ProgressState();
  readonly #timer: NodeJS.Timeout;
  #drawn = false;

  constructor(err: TextStream) {
    this.#err = err;
    // Time passes while nothing happens, and people want to see that it does.
    this.#timer = setInterval(() => this.#draw(), redrawPause);
    this.#timer.unref();
  }

  take(event: SequenceEvent): void {
    this.#state.take(event);
  }

  line(text: string): void {
    this.#clear();
    this.#err.write(`${text}\n`);
  }

  end(): void {
    clearInterval(this.#timer);
    this.#clear();
  }

  #draw(): void {
    this.#err.write(`${clearLine}${barText(this.#state, lineWidth(this.#err))}`);
    this.#drawn = true;
  }

  #clear(): void {
    if (this.#drawn) this.#err.write(clearLine);
    this.#drawn = false;
  }
}

/** `[=====>    ] 45/100  45 %  128 MB/s  0:32 left  shot.0045.exr`, cut to the width of the terminal. */
export function barText(state: ProgressState, columns: number): string {
  const { finished, total, share, current } = state;
  const bar = columns >= 60 ? `[${'='.repeat(Math.floor(share * 20)).padEnd(20, ' ')}] ` : '';
  const failed = state.failed > 0 ? `  ${state.failed} failed` : '';
  const text = `${bar}${finished}/${total}  ${Math.floor(share * 100)} %${failed}  ${pace(state)}  ${printable(current)}`;
  // A line of full width would wrap on some terminals.
  return startWithin(text, Math.max(1, columns - 1));
}

function pace(state: ProgressState): string {
  const { left } = state;
  return `${sizeText(state.rate)}/s  ${left === undefined ? '-:--' : timeText(left)} left`;
}

class Log implements Display {
  readonly #err: TextStream;
  readonly #now: () => number;
  readonly #state: ProgressState;
  #last: number;

  constructor(err: TextStream, now: () => number) {
    this.#err = err;
    this.#now = now;
    this.#state = new ProgressState(now);
    this.#last = now();
  }

  take(event: SequenceEvent): void {
    this.#state.take(event);
    if (this.#now() - this.#last < logPause || event.type === 'summary') return;
    this.#last = this.#now();
    const { finished, total, share, failed } = this.#state;
    const bad = failed > 0 ? `, ${failed} failed` : '';
    this.line(`${finished} of ${total} frames (${Math.floor(share * 100)} %)${bad}, ${pace(this.#state)}`);
  }

  line(text: string): void {
    this.#err.write(`${text}\n`);
  }

  end(): void {}
}

/** One event a line, as docs/progress.md describes. Text for people is left out: its content is in the events. */
function jsonLines(err: TextStream): Display {
  return {
    take: (event) => void err.write(jsonLine(event)),
    line: () => {},
    end: () => {},
  };
}

/** The messages that Open Job Description's runners look for in a task's output, but for the last one: why it failed. */
function openJobDescription(out: TextStream, err: TextStream): Display {
  const state = new ProgressState();
  let shown = -1;
  let done = 'done';
  return {
    take(event) {
      state.take(event);
      if (event.type === 'start' && event.dryRun) done = 'would be done';
      const percent = Math.floor(state.share * 1000) / 10;
      if (percent > shown) {
        shown = percent;
        out.write(openJd.progress(percent));
      }
      const ending = endingOf(event, done);
      if (ending !== undefined) out.write(openJd.status(ending));
    },
    line: (text) => void err.write(`${text}\n`),
    end: () => {},
  };
}

/** How a frame ended; undefined for an event that is no end of one. */
function endingOf(event: SequenceEvent, done: string): string | undefined {
  switch (event.type) {
    case 'frame-done':
      return `${frameText(event)} ${done}`;
    case 'frame-failed':
      return `${frameText(event)} failed: ${errorText(event.error)}`;
    case 'frame-skipped':
      return event.error
        ? `${frameText(event)} skipped: ${errorText(event.error)}`
        : `${frameText(event)} is up to date`;
    default:
      return undefined;
  }
}
