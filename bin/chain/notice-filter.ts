import type { NoticeEvent } from '../../lib/index.js';

/** A warning of one frame usually is one of all. Beyond this many texts they are only counted. */
const maxTexts = 200;

/** What was reported once, and in how many frames it would have been. */
interface Said {
  readonly level: NoticeEvent['level'];
  readonly message: string;
  frames: number;
  /** Other frames have the same text with other numbers. */
  varies: boolean;
}

/** Lets every text through once, whatever numbers are in it, and counts the rest. */
export class NoticeFilter {
  readonly #said = new Map<string, Said>();
  #others = 0;

  /** True for what has not been reported yet. */
  isNew({ level, code, message }: Pick<NoticeEvent, 'level' | 'code' | 'message'>): boolean {
    const key = `${level}\n${code}\n${withoutNumbers(message)}`;
    const said = this.#said.get(key);
    if (said) {
      said.frames += 1;
      said.varies ||= said.message !== message;
      return false;
    }
    if (this.#said.size >= maxTexts) {
      this.#others += 1;
      return false;
    }
    this.#said.set(key, { level, message, frames: 1, varies: false });
    return true;
  }

  /** Warnings that were not repeated, with how many frames had them. A note is reported once. */
  lines(): string[] {
    const lines = [...this.#said.values()].flatMap(({ level, message, frames, varies }) => {
      const which = varies ? `${frames} frames, with different numbers` : `${frames} frames`;
      return level === 'warning' && frames > 1 ? [`warning in ${which}: ${message}`] : [];
    });
    return this.#others > 0 ? [...lines, `${this.#others} more warnings and notes`] : lines;
  }
}

/** Counts differ from frame to frame where the trouble is the same. Names are in quotes, and their digits belong to them. */
function withoutNumbers(message: string): string {
  return message.replace(/"[^"]*"|\d+(?:\.\d+)?/g, (found) => (found.startsWith('"') ? found : '#'));
}
