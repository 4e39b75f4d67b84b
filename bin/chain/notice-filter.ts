import type { NoticeEvent } from '../../lib/sequence/index.js';

/** A frame's warning mostly is every frame's. Texts beyond this many are not told apart any more. */
const maxTexts = 200;

/** Lets every text through once, and counts the rest. */
export class NoticeFilter {
  readonly #counts = new Map<string, number>();
  #others = 0;

  /** True for what has not been said yet. */
  isNew({ level, code, message }: NoticeEvent): boolean {
    const key = `${level}\n${code}\n${message}`;
    const count = this.#counts.get(key);
    if (count === undefined && this.#counts.size >= maxTexts) {
      this.#others += 1;
      return false;
    }
    this.#counts.set(key, (count ?? 0) + 1);
    return count === undefined;
  }

  /** Warnings that were not repeated, with how many frames had them. Of notes once is enough. */
  lines(): string[] {
    const lines = [...this.#counts].flatMap(([key, count]) => {
      const [level, , message] = key.split('\n');
      return level === 'warning' && count > 1 ? [`warning in ${count} frames: ${message}`] : [];
    });
    return this.#others > 0 ? [...lines, `${this.#others} more warnings and notes`] : lines;
  }
}
