/** New names that rules suggest: the same ones wherever the advice of one header needs them. */

import { NewNames, renameCommand } from './advice.js';
import type { HeaderFacts } from './rule.js';
import { channelsName, type Subject } from './subjects.js';

interface Given {
  readonly names: NewNames;
  readonly byQuestion: Map<string, string>;
}

const givenNames = new WeakMap<HeaderFacts, Given>();

/** A name that nothing in the file has and no other advice gives; repeated calls with one `question` return the same. */
export function newName(facts: HeaderFacts, question: string, wished: string): string {
  const given = givenNames.get(facts) ?? { names: new NewNames(facts.header), byQuestion: new Map<string, string>() };
  givenNames.set(facts, given);
  const name = given.byQuestion.get(question) ?? given.names.give(wished);
  given.byQuestion.set(question, name);
  return name;
}

const renames = new WeakMap<HeaderFacts, Map<string, string | undefined>>();

/**
 * One command that gives new names to all Cryptomattes that break a rule: if only some were renamed, a layer without
 * a name might come before the others for Blender.
 */
export function renameAll(
  rule: string,
  facts: HeaderFacts,
  wish: (name: string) => string,
  isConcerned: (subject: Subject) => boolean = ({ broken }) => broken.has(rule),
): string | undefined {
  const known = renames.get(facts) ?? new Map<string, string | undefined>();
  renames.set(facts, known);
  if (!known.has(rule)) {
    const names = new Set(facts.subjects.filter(isConcerned).flatMap((one) => channelsName(one) ?? []));
    known.set(
      rule,
      renameCommand([...names].map((name) => [name, newName(facts, JSON.stringify([rule, name]), wish(name))])),
    );
  }
  return known.get(rule);
}
