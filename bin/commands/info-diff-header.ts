/** What two headers do not have alike, but for layers, which are compared with their pixels. */
import { createHash } from 'node:crypto';
import { firstFew, groupBy } from '../../lib/format/index.js';
import { describeHeader, type Header } from '../../lib/index.js';
import { parseSetAttribute, ShotLayout } from '../../lib/layers/index.js';
import { valueText } from './info-text.js';

/** An attribute that differs; undefined where a file does not have it. */
export interface AttributeDifference {
  readonly name: string;
  readonly a: string | undefined;
  readonly b: string | undefined;
}

export interface HeaderDifference {
  /** Types, codecs, storage and windows, a sentence each. */
  readonly storage: readonly string[];
  readonly attributes: readonly AttributeDifference[];
}

/** Letters of a value. */
const mostLetters = 60;

export function headerDifference(a: Header, b: Header): HeaderDifference {
  const layout = new ShotLayout(([frame = 0, ...others]) => (others.length > 0 ? 'both' : frame === 0 ? 'A' : 'B'));
  layout.add(0, a);
  layout.add(1, b);
  const parts = a.parts.length === b.parts.length ? [] : [`there are ${partsText(a)} in A, ${partsText(b)} in B`];
  const changes = layout.changes().filter(({ subject }) => subject !== 'layers');
  const [ofA, ofB] = [attributesOf(a), attributesOf(b)];
  const names = [...new Set([...ofA.keys(), ...ofB.keys()])].sort();
  const different = names.filter((name) => ofA.get(name)?.key !== ofB.get(name)?.key);
  return {
    storage: [...parts, ...changes.map(({ text }) => text)],
    attributes: withoutSets(different.map((name) => ({ name, a: ofA.get(name)?.text, b: ofB.get(name)?.text }))),
  };
}

/** A Cryptomatte that one file has and the other has not is one line, not four. */
function withoutSets(differences: readonly AttributeDifference[]): AttributeDifference[] {
  const keyOf = ({ name, a, b }: AttributeDifference) => {
    const key = parseSetAttribute(name)?.key;
    return key === undefined || (a !== undefined && b !== undefined) ? name : `${key} ${a === undefined}`;
  };
  return [...groupBy(differences, keyOf).values()].map((own) => {
    const [first, ...others] = own as [AttributeDifference, ...AttributeDifference[]];
    if (others.length === 0) return first;
    const named = own.find(({ name }) => name.endsWith('/name')) ?? first;
    return { ...named, name: first.name.replace(/[^/]*$/, '*') };
  });
}

function partsText({ parts }: Header): string {
  return parts.length === 1 ? '1 part' : `${parts.length} parts`;
}

interface Value {
  /** The same where the bytes are. */
  readonly key: string;
  readonly text: string;
}

/** The attributes of all parts by name: a file may hold them once or in every part. */
function attributesOf(header: Header): Map<string, Value> {
  const found = new Map<string, Map<string, string>>();
  for (const [number, part] of describeHeader(header).parts.entries())
    for (const { name, type, value, bytes } of part.attributes) {
      const stored = header.parts[number]?.attributes.get(name)?.value ?? new Uint8Array();
      const digest = createHash('sha256').update(stored).digest('hex');
      const texts = found.get(name) ?? new Map<string, string>();
      const text =
        value === undefined ? `(${bytes} bytes, ${digest.slice(0, 8)})` : shortened(valueText(value), digest);
      found.set(name, texts.set(`${type} ${digest}`, text));
    }
  return new Map(
    [...found].map(([name, texts]) => {
      const key = [...texts.keys()].sort().join();
      return [name, { key, text: firstFew([...new Set(texts.values())], ' / ', 3) }];
    }),
  );
}

function shortened(text: string, digest: string): string {
  return text.length <= mostLetters ? text : `${text.slice(0, mostLetters)}… (${digest.slice(0, 8)})`;
}
