import { firstFew } from '../../lib/format/index.js';
import { formatFrames } from '../../lib/index.js';
import type { Level, Remark } from './model.js';

/** A remark about one frame. */
export interface Statement extends Pick<Remark, 'level' | 'code' | 'affects' | 'remedy' | 'command'> {
  readonly text: string;
}

/** What it is about: a file, and its number where it has one. */
export interface Place {
  readonly name: string;
  readonly frame: number | undefined;
}

interface Heard {
  readonly statement: Statement;
  readonly texts: Map<string, Place[]>;
}

/** Files without a number that are named. */
const mostNamed = 5;

const order: Readonly<Record<Level, number>> = { error: 0, warning: 1, note: 2 };

/** Gathers remarks about frames, so that one about many frames appears once. */
export class Remarks {
  readonly #heard = new Map<string, Heard>();

  add(statement: Statement, place: Place): void {
    const { level, code, affects, remedy, command, text } = statement;
    const key = JSON.stringify([level, code, affects, remedy, command]);
    const heard = this.#heard.get(key) ?? { statement, texts: new Map<string, Place[]>() };
    this.#heard.set(key, heard);
    const places = heard.texts.get(text);
    if (!places) heard.texts.set(text, [place]);
    else if (places.at(-1) !== place) places.push(place);
  }

  /**
   * All of it, the worst first, of `total` frames. With `selectFrames` a command for some of them names these, as those of one shot
   * can be selected.
   */
  list(total: number, selectFrames = false): Remark[] {
    return [...this.#heard.values()]
      .map(({ statement: { text: _, command, ...statement }, texts }) => ({
        ...statement,
        command: command && `${command}${selectFrames ? framesOption([...texts.values()].flat(), total) : ''}`,
        said: [...texts].map(([text, places]) => ({ text, where: whereText(places, total) })),
      }))
      .sort((a, b) => order[a.level] - order[b.level] || (a.code < b.code ? -1 : a.code > b.code ? 1 : 0));
  }
}

function framesOption(places: readonly Place[], total: number): string {
  const numbers = new Set(places.flatMap(({ frame }) => frame ?? []));
  const isSome = numbers.size < total && places.every(({ frame }) => frame !== undefined);
  return isSome ? ` --frames ${formatFrames(numbers)}` : '';
}

function whereText(places: readonly Place[], total: number): string {
  if (total > 1 && places.length === total) return `all ${total} frames`;
  const numbers = places.flatMap(({ frame }) => frame ?? []);
  const names = places.filter(({ frame }) => frame === undefined).map(({ name }) => name);
  return [
    ...(numbers.length > 0 ? [`${numbers.length === 1 ? 'frame' : 'frames'} ${formatFrames(numbers)}`] : []),
    ...(names.length > 0 ? [firstFew(names, ', ', mostNamed)] : []),
  ].join(', ');
}
