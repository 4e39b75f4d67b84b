/** What `info` prints about a shot: its frames, and what is not the same in all of them. */
import { createHash } from 'node:crypto';
import { firstFew, printable } from '../../lib/format/index.js';
import { type AttributeDescription, type FileDescription, formatFrames, type Header } from '../../lib/index.js';
import { parseSetAttribute, ShotLayout } from '../../lib/layers/index.js';
import { sizeText } from '../terminal/units.js';
import { valueText } from './info-text.js';
import { holesIn } from './input-files.js';

/** Values of an attribute that are shown; of more only the number is. */
const mostValues = 3;
/** Letters of a value. */
const mostLetters = 40;
/** Attributes with values of their own that are listed. */
const mostAttributes = 30;

/** Gathers the frames of one shot. Memory grows by some numbers a frame, and by what differs. */
export class ShotInfo {
  readonly #name: string;
  readonly #layout = new ShotLayout();
  readonly #frames: number[] = [];
  readonly #unreadable: number[] = [];
  readonly #unfinished: number[] = [];
  readonly #sizes = new Map<number, number>();
  /** By name: values, and the frames that have them. */
  readonly #attributes = new Map<string, Map<string, number[]>>();

  constructor(name: string) {
    this.#name = name;
  }

  add(frame: number, header: Header, description: FileDescription): void {
    this.#frames.push(frame);
    this.#layout.add(frame, header);
    if (description.unfinished) this.#unfinished.push(frame);
    if (description.bytes !== undefined) this.#sizes.set(frame, description.bytes);
    for (const [name, value] of valuesOf(description)) {
      const values = this.#attributes.get(name) ?? new Map<string, number[]>();
      this.#attributes.set(name, values);
      const frames = values.get(value);
      if (frames) frames.push(frame);
      else values.set(value, [frame]);
    }
  }

  addUnreadable(frame: number): void {
    this.#unreadable.push(frame);
  }

  /** The summary, without a newline at its end. */
  text(): string {
    const all = [...this.#frames, ...this.#unreadable];
    const holes = holesIn(new Set(all));
    const changes = this.#layout.changes().map(({ text }) => `    ${text}`);
    const attributes = this.#attributeLines();
    const lines = [
      `${this.#name}: ${all.length} frames: ${formatFrames(all)}`,
      ...(holes === '' ? [] : [`  missing: ${holes}`]),
      ...framesLine('not readable', this.#unreadable),
      ...framesLine('unfinished', this.#unfinished),
      ...this.#sizeLine(),
      ...(changes.length === 0
        ? ['  layers, types, codec and windows are the same in all']
        : ['  what changes', ...changes]),
      ...(attributes.length === 0 ? [] : ['  attributes that change', ...attributes]),
    ];
    return lines.map(printable).join('\n');
  }

  #sizeLine(): string[] {
    const sizes = [...this.#sizes].sort(([, a], [, b]) => a - b);
    const [least, most] = [sizes[0], sizes.at(-1)];
    if (!least || !most) return [];
    const total = sizes.reduce((sum, [, size]) => sum + size, 0);
    const range =
      sizeText(least[1]) === sizeText(most[1])
        ? `${sizeText(least[1])} each`
        : `${sizeText(least[1])} (frame ${least[0]}) to ${sizeText(most[1])} (frame ${most[0]})`;
    return [`  size: ${range}, ${sizeText(total)} in all`];
  }

  /** A Cryptomatte that some frames lack is identified by its name alone. */
  #isOfSameSet(attribute: string): boolean {
    const key = parseSetAttribute(attribute)?.key;
    if (key === undefined || attribute.endsWith('/name')) return false;
    const named = this.#attributes.get(attribute.replace(/[^/]*$/, 'name'));
    const own = this.#attributes.get(attribute);
    return named?.size === 1 && own?.size === 1 && String([...named.values()]) === String([...own.values()]);
  }

  #attributeLines(): string[] {
    const count = this.#frames.length;
    const all = [...this.#attributes].filter(([name]) => !this.#isOfSameSet(name));
    const changing = all.flatMap(([name, values]) => {
      const there = [...values.values()].reduce((sum, frames) => sum + frames.length, 0);
      if (values.size === 1 && there === count) return [];
      const lacking = there === count ? '' : `; in ${there} of ${count} frames only`;
      const shown =
        values.size > mostValues
          ? `${values.size} values`
          : [...values].map(([value, frames]) => `${value} in ${rangesText(frames)}`).join(', ');
      return [`    ${name}: ${shown}${lacking}`];
    });
    const more = changing.length - mostAttributes;
    return more > 0 ? [...changing.slice(0, mostAttributes), `    and ${more} more`] : changing;
  }
}

function framesLine(what: string, frames: readonly number[]): string[] {
  return frames.length === 0 ? [] : [`  ${what}: ${formatFrames(frames)}`];
}

function rangesText(frames: readonly number[]): string {
  return firstFew(formatFrames(frames).split(','), ',');
}

/** Attributes of all parts by name; values that differ between parts stand side by side. */
function valuesOf({ parts }: FileDescription): Map<string, string> {
  const found = new Map<string, Set<string>>();
  for (const { attributes } of parts)
    for (const attribute of attributes) {
      const values = found.get(attribute.name) ?? new Set<string>();
      found.set(attribute.name, values.add(shortText(attribute)));
    }
  return new Map([...found].map(([name, values]) => [name, firstFew([...values], ' / ', mostValues)]));
}

/** A value as it is shown; what is too long for that is told apart by its digest. */
function shortText({ value, bytes }: AttributeDescription): string {
  if (value === undefined) return `(${bytes} bytes)`;
  const text = valueText(value);
  if (text.length <= mostLetters) return text;
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 8);
  return `${text.slice(0, mostLetters)}… (${digest})`;
}
