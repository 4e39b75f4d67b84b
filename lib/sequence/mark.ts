/**
 * How a later run knows its own work: every output carries a digest of the pipeline that made it and of the files it was made
 * from, donors included, by their names and not by where they lie, in a string attribute of its first part. It is written with the file, so it exists exactly when
 * the output does, also in place and on shared storage, where a list beside the files would need a lock.
 */
import type { FilterStep } from '../engine/filter.js';
import { makeStringAttribute, stringAttribute } from '../format/attribute-types.js';
import type { Header } from '../model/header.js';
import { sha256 } from '../node/digest.js';
import { basename } from '../node/paths.js';

export const markName = 'exrpipe/pipeline';

export interface MarkedPipeline {
  readonly version: string;
  readonly steps: readonly Pick<FilterStep, 'filter' | 'found'>[];
  /** The options of each step, with what is known of files in place of their paths. */
  readonly options: readonly unknown[];
  /** Level of the encoders. Besides the steps, only it and the programs affect an output's bytes. */
  readonly level: number | undefined;
  readonly for?: readonly string[] | undefined;
}

/** 32 hex digits for a pipeline and the files of one frame. Folders do not count, so that a shot can be moved. */
export function makeMark(
  { version, steps, options, level, for: programs }: MarkedPipeline,
  inputs: readonly string[],
): string {
  const chain = steps.map(({ filter, found }, number) => [
    filter,
    options[number],
    ...(found === undefined ? [] : [foundDigest(found)]),
  ]);
  const names = inputs.map((path) => basename(path));
  return sha256(canonicalText([version, chain, level ?? null, programs ?? [], names])).slice(0, 32);
}

const digests = new WeakMap<object, string>();

/** A digest of what a first pass has found, which every frame of the run asks for and which may be large. */
function foundDigest(found: unknown): string {
  if (typeof found !== 'object' || found === null) return canonicalText(found);
  const digest = digests.get(found) ?? sha256(canonicalText(found));
  digests.set(found, digest);
  return digest;
}

/** A value as JSON that does not depend on the order of keys. */
export function canonicalText(value: unknown): string {
  return JSON.stringify(value, canonical);
}

/** Object keys sorted, and values that JSON drops or empties (functions, regular expressions) as text. */
function canonical(_key: string, value: unknown): unknown {
  if (typeof value === 'function' || typeof value === 'bigint' || value instanceof RegExp) return String(value);
  if (value instanceof Uint8Array) return sha256(value);
  if (value instanceof Map || value instanceof Set) return [...value];
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The header with the mark on these parts: the first of every output file. A mark from the input is removed. */
export function markHeader(header: Header, parts: readonly number[], mark: string): Header {
  return {
    ...header,
    parts: header.parts.map((part, number) => {
      if (parts.includes(number))
        return { ...part, attributes: part.attributes.with(markName, makeStringAttribute(mark)) };
      return part.attributes.has(markName) ? { ...part, attributes: part.attributes.without(markName) } : part;
    }),
  };
}

export function readMark(header: Header): string | undefined {
  return stringAttribute(header.parts[0]?.attributes.get(markName));
}
