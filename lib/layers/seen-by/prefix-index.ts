/** Items by name, for readers that accept every name that begins with another. */
export class PrefixIndex<Item> {
  readonly #items: readonly Item[];
  readonly #names: readonly string[];

  constructor(items: Iterable<Item>, nameOf: (item: Item) => string) {
    const sorted = [...items].map((item) => ({ item, name: nameOf(item) })).sort(byName);
    this.#items = sorted.map(({ item }) => item);
    this.#names = sorted.map(({ name }) => name);
  }

  /**
   * All items whose names begin with a text. A name is found by at most as many texts as it has characters, so all answers
   * together are linear.
   */
  startingWith(text: string): Item[] {
    const first = this.#lowerBound(text);
    let end = first;
    while (this.#names[end]?.startsWith(text)) end++;
    return this.#items.slice(first, end);
  }

  #lowerBound(text: string): number {
    let [low, high] = [0, this.#names.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#names[middle] as string) < text) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
