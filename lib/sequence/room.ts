import { roomIn } from '../node/files.js';
import { dirname } from '../node/paths.js';

/** Frames after which free space is first checked; after that, whenever their number has doubled. */
const first = 4;

/** Predicts early in a long run, from the size of the first frames, that the disk will not hold the rest. */
export class RoomWatch {
  #frames = 0;
  #bytes = 0;
  #next = first;
  /** Replaced files free their space, so nothing can be predicted for them; and no warning is repeated. */
  #over = false;

  /** Whether the remaining frames include some that need no extra space. */
  stop(): void {
    this.#over = true;
  }

  /**
   * Records a written frame: its files, their bytes, and how many more frames need space. Returns a warning if there is too
   * little.
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
