import { roomIn } from '../node/files.js';
import { dirname } from '../node/paths.js';

/** Frames after which room is looked at for the first time; from then on, when they have doubled. */
const first = 4;

/** Finds out early in a long run that the disk will not hold the rest of it, from what the first frames have taken. */
export class RoomWatch {
  #frames = 0;
  #bytes = 0;
  #next = first;
  /** What is replaced gives its room back, so nothing can be said of it; and nothing is said twice. */
  #over = false;

  /** Frames that need no room of their own are among the rest. */
  stop(): void {
    this.#over = true;
  }

  /**
   * Takes note of a frame that was written: its files, their bytes, and how many more frames need room. Gives a warning where
   * there is too little.
   */
  async written(files: readonly string[], bytes: number, left: number): Promise<string | undefined> {
    this.#frames += 1;
    this.#bytes += bytes;
    if (this.#over || this.#frames < this.#next || left <= 0) return undefined;
    this.#next *= 2;
    const room = await roomIn(dirname(files[0] ?? ''));
    const needed = (this.#bytes / this.#frames) * left;
    if (this.#over || room === undefined || needed <= room) return undefined;
    this.#over = true;
    return `the disk has room for ${megabytes(room)}, and the ${left} frames left will need about ${megabytes(needed)}`;
  }
}

function megabytes(bytes: number): string {
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
