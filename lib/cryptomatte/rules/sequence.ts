/** What should stay the same from frame to frame: artists pick mattes in one frame and use them in all. */

import { headerSets } from '../../layers/sets.js';
import type { Header } from '../../model/header.js';
import { parseChannelName } from '../../model/names.js';
import { type Breach, everywhere, type RuleInfo } from './rule.js';

export const constantOverFrames: RuleInfo = {
  id: 'CM-A10',
  meaning: 'Keys, names, rank layers and spelling are the same in every frame of a sequence.',
  severity: 'warning',
  targets: { ...everywhere('warning'), 'after-effects': 'error' },
  fixedBy: 'render',
};

/** Compares frames with the first one. Memory does not grow with the number of frames. */
export class SequenceCheck {
  #first: { label: string; sets: ReadonlyMap<string, string> } | undefined;
  readonly #changes = new Map<string, { count: number; label: string }>();

  /** Adds a frame; `label` is its name in messages. */
  add(label: string, header: Pick<Header, 'parts'>): void {
    const sets = describeSets(header);
    if (!this.#first) {
      this.#first = { label, sets };
      return;
    }
    const first = this.#first.sets;
    for (const name of new Set([...first.keys(), ...sets.keys()])) {
      const before = first.get(name);
      const now = sets.get(name);
      if (before === now) continue;
      const what =
        before === undefined ? 'is new' : now === undefined ? 'is missing' : `has ${now} instead of ${before}`;
      this.#note(`"${name}" ${what}`, label);
    }
  }

  /** The differences, each with the first frame that has it. */
  *breaches(): Generator<Breach> {
    for (const [what, { count, label }] of this.#changes) {
      const more = count > 1 ? ` and ${count - 1} more frames` : '';
      yield { message: `compared with ${this.#first?.label}, ${what} in ${label}${more}` };
    }
  }

  #note(what: string, label: string): void {
    const known = this.#changes.get(what);
    if (known) known.count += 1;
    else this.#changes.set(what, { count: 1, label });
  }
}

function describeSets(header: Pick<Header, 'parts'>): Map<string, string> {
  return new Map(
    headerSets(header).map(({ name, key, layers }) => {
      const components = [
        ...new Set(layers.flatMap(({ channels }) => channels.map((one) => parseChannelName(one.name).component))),
      ];
      return [name ?? key, `key ${key} and ${layers.length} rank layers (${components.join(' ')})`];
    }),
  );
}
