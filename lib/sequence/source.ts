import { ExrError } from '../model/error.js';
import { type FoundSequence, findInput, noFiles } from './find.js';
import { type Item, type ItemOptions, type ItemPlan, planItems } from './items.js';

/** Hands out the frames of a run one after the other. */
export interface ItemSource {
  /** The next frame to process; undefined at the end. */
  next(): Promise<Item | undefined>;
  /** Frames known but not yet handed out. */
  readonly waiting: readonly Item[];
}

/** Frames that all exist when the run begins. */
export class ListSource implements ItemSource {
  readonly #items: readonly Item[];
  #given = 0;

  constructor(items: readonly Item[]) {
    this.#items = items;
  }

  async next(): Promise<Item | undefined> {
    return this.#items[this.#given++];
  }

  get waiting(): readonly Item[] {
    return this.#items.slice(this.#given);
  }
}

/**
 * Finds the frames of inputs. Throws when an input, or the range of frames, yields none. Where missing frames of a range are
 * skipped, there may be none left: of a shot's tasks, each with some of its frames, one may have only missing ones.
 */
export async function listItems(inputs: readonly string[], options: ItemOptions): Promise<ItemPlan> {
  const found: FoundSequence[] = [];
  for (const input of inputs) {
    const sequences = await findInput(input);
    if (sequences.every(({ files }) => files.length === 0)) throw noFiles(input);
    found.push(...sequences);
  }
  const plan = planItems(found, options);
  if (plan.items.length > 0 || (options.frames && options.missing === 'skip')) return plan;
  throw new ExrError('usage', 'NO_FRAMES', 'none of the requested frames exist', {
    hint: options.joins ? 'Do the inputs have frames in common?' : 'Check the range of frames.',
  });
}
