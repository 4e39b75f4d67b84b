/** What `validate` prints about each file after the summary: frames with the same findings share one block. */
import { printable } from '../../lib/format/index.js';
import { formatFrames } from '../../lib/index.js';
import type { Place } from './validate-summary.js';
import { type FileReport, reportPieces, type SequenceReport, type TextSettings } from './validate-text.js';

interface Block {
  /** The first line and the others, without what the first one begins with. */
  readonly text: string;
  readonly heading: string;
  readonly sequence: string | undefined;
  readonly frames: number[];
}

export class ValidationDetails {
  readonly #settings: TextSettings;
  readonly #blocks = new Map<string, Block>();

  constructor(settings: TextSettings) {
    this.#settings = settings;
  }

  add(report: FileReport | SequenceReport, place: Place | undefined): void {
    const { heading, text } = reportPieces(report, this.#settings);
    const key = place ? JSON.stringify([place.sequence, text]) : heading;
    const known = this.#blocks.get(key);
    if (known && place) known.frames.push(place.frame);
    else this.#blocks.set(key, { text, heading, sequence: place?.sequence, frames: place ? [place.frame] : [] });
  }

  /** In the order they came, without newlines at their ends. */
  blocks(): string[] {
    return [...this.#blocks.values()].map(({ text, heading, sequence, frames }) => {
      const several = sequence !== undefined && frames.length > 1;
      return `${several ? printable(`${sequence}: frames ${formatFrames(frames)}`) : heading}: ${text}`;
    });
  }
}
