import type { NoticeEvent } from '../lib/sequence/index.js';

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

  /** What was not repeated. */
  lines(): string[] {
    const repeated = [...this.#counts].filter(([, count]) => count > 1);
    const lines = repeated.map(([key, count]) => {
      const [level, , message] = key.split('\n');
      return `${level} in ${count} frames: ${message}`;
    });
    return this.#others > 0 ? [...lines, `${this.#others} more warnings and notes`] : lines;
  }
}
