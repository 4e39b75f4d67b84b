/** One header attribute as stored: its type's name and its value's bytes. */
export interface Attribute {
  readonly type: string;
  readonly value: Uint8Array;
}

/**
 * The attributes of one part in file order. Immutable: every change returns a new list;
 * a changed attribute keeps its position, a new one goes to the end.
 */
export class Attributes implements Iterable<[string, Attribute]> {
  readonly #map: ReadonlyMap<string, Attribute>;

  constructor(entries: Iterable<readonly [string, Attribute]> = []) {
    this.#map = new Map(entries);
  }

  /** How many there are. */
  get size(): number {
    return this.#map.size;
  }

  /** The attribute of this name; undefined where there is none. */
  get(name: string): Attribute | undefined {
    return this.#map.get(name);
  }

  /** Whether there is an attribute of this name. */
  has(name: string): boolean {
    return this.#map.has(name);
  }

  /** Names and attributes in file order. */
  [Symbol.iterator](): IterableIterator<[string, Attribute]> {
    return this.#map.entries();
  }

  /** The names in file order. */
  names(): string[] {
    return [...this.#map.keys()];
  }

  /** The same with one attribute set: in its place where the name is known, else at the end. */
  with(name: string, attribute: Attribute): Attributes {
    return this.merge([[name, attribute]]);
  }

  /** Sets many at once; later entries win. */
  merge(entries: Iterable<readonly [string, Attribute]>): Attributes {
    const map = new Map(this.#map);
    for (const [name, attribute] of entries) map.set(name, attribute);
    return new Attributes(map);
  }

  /** Only those that are to be kept. */
  filter(keep: (name: string, attribute: Attribute) => boolean): Attributes {
    return new Attributes([...this.#map].filter(([name, attribute]) => keep(name, attribute)));
  }

  /** Renames attributes; each keeps its position. If two get the same name, the later one's value wins. */
  rename(newName: (name: string) => string): Attributes {
    return new Attributes([...this.#map].map(([name, attribute]) => [newName(name), attribute] as const));
  }

  /** The same without one attribute; the same again where there is none of this name. */
  without(name: string): Attributes {
    return this.filter((other) => other !== name);
  }
}
