/** Which of several Cryptomatte names another one refers to, where programs and people have changed the spelling. */

import { legalName } from '../layers/seen-by/nuke-name.js';
import { groupBy } from '../model/group-by.js';
import { splitKind } from './kinds.js';

/**
 * How two names match, best first: equal; equal by Nuke's rules (`.` and `_`); except for case; except for what precedes the
 * pass.
 */
export type NameFit = 'exact' | 'legalised' | 'case' | 'pass';

const levels: readonly { readonly fit: NameFit; readonly fold: (name: string) => string }[] = [
  { fit: 'exact', fold: (name) => name },
  { fit: 'legalised', fold: legalName },
  { fit: 'case', fold: (name) => legalName(name).toLowerCase() },
  { fit: 'pass', fold: (name) => passName(name) },
];

/**
 * What a Cryptomatte shows, without the view layer it belongs to: `main.CryptoObject`, `fg_crypto_object` and
 * `CryptoObject` are all `object`; for other names it is what follows the last dot, in lower case.
 */
export function passName(name: string): string {
  return splitKind(name)?.kind ?? name.slice(name.lastIndexOf('.') + 1).toLowerCase();
}

/** Names to choose from, indexed for many queries. */
export class FitIndex {
  readonly #levels: readonly {
    fit: NameFit;
    fold: (name: string) => string;
    names: ReadonlyMap<string, readonly string[]>;
  }[];

  constructor(candidates: Iterable<string>) {
    const distinct = [...new Set(candidates)];
    this.#levels = levels.map(({ fit, fold }) => ({ fit, fold, names: groupBy(distinct, fold) }));
  }

  /** The candidates that match a name at the best level any of them reaches; undefined if none matches. */
  best(wanted: string): { readonly fit: NameFit; readonly names: readonly string[] } | undefined {
    for (const { fit, fold, names } of this.#levels) {
      const found = names.get(fold(wanted));
      if (found) return { fit, names: found };
    }
    return undefined;
  }
}

/**
 * What precedes the pass in a Cryptomatte's name, usually the view layer: `main` of `main.CryptoObject` and
 * `main_crypto_object`.
 */
export function viewLayerOf(name: string): string {
  return splitKind(name)?.before ?? name.slice(0, Math.max(0, name.lastIndexOf('.')));
}
