import { listed } from '../lib/format/index.js';
import {
  type Attribute,
  type Attributes,
  advise,
  defineFilter,
  ExrError,
  type FilterContext,
  type Header,
  isDeep,
  optionNamed,
} from '../lib/index.js';
import { isSetAttribute } from '../lib/layers/index.js';
import { mustStay, nothingAsked, nothingInSingle, structuralAdvice } from './shared/attributes.js';
import { compileGlobs, type Glob, matchesAny } from './shared/glob.js';
import { notFound } from './shared/not-found.js';
import { isPrivateText, privateNames, textsOf } from './shared/private-attributes.js';
import { selectParts } from './shared/select.js';

/** Removes attributes. See docs/reference.md#drop-attribute for its options. */
export const dropAttribute = defineFilter({
  name: 'drop-attribute',
  summary: 'Remove header attributes by name or pattern',
  description: [
    'Removes metadata from the header, for example private paths and host names before delivery; the pixels are copied as they are.',
    'A pattern never removes what readers need to interpret the image (channels, windows, compression, views and so on), so "*" leaves a valid file.',
    'In a single-part file "name", "type" and "chunkCount" can be removed by their full names: readers need them only for several parts, or deep ones.',
    '--matching removes text attributes by their values, and --preset delivery what identifies machines and people: paths, hosts, users, mail addresses, FILE_NAME. Both list what they removed, and leave Cryptomattes alone.',
    'Cryptomatte metadata is removed when a pattern matches it: "cryptomatte/*" removes all of it.',
  ].join('\n\n'),
  examples: [
    {
      command: 'drop-attribute File Hostname "input/*" beauty.0001.exr -o delivery/beauty.0001.exr',
      what: 'remove what reveals your machines',
    },
    {
      command: 'drop-attribute "*" --keep "cryptomatte/*" shot.0001.exr -o clean.0001.exr',
      what: 'keep only Cryptomatte metadata and what readers need',
    },
    {
      command: "drop-attribute --preset delivery 'shot.####.exr' -o delivery/",
      what: 'whatever should not leave the house; it is listed',
    },
  ],
  options: {
    attributes: {
      type: 'list',
      positional: true,
      placeholder: 'GLOB',
      summary: 'names or patterns of the attributes to remove',
    },
    matching: {
      type: 'list',
      placeholder: 'VALUEGLOB',
      summary: 'also text attributes with such values, as in "/home/*" (repeatable)',
    },
    preset: {
      type: 'choice',
      choices: ['delivery'],
      summary: 'also what identifies machines and people: private paths, hosts, users, mail addresses',
    },
    keep: { type: 'list', placeholder: 'GLOB', summary: 'but keep attributes with these names (repeatable)' },
    part: { type: 'list', placeholder: 'GLOB', summary: 'only in parts with this name or number (repeatable)' },
  },
  check: ({ attributes, matching, preset }) => {
    for (const name of attributes) if (!nothingInSingle(name)) checkName(name);
    if (attributes.length === 0 && matching.length === 0 && preset === undefined)
      throw nothingAsked(
        'drop-attribute',
        advise`name the attributes to remove, or use ${optionNamed('matching')} or ${optionNamed('preset')}`,
      );
  },
  header(header, options, context) {
    const selected = selectParts(header, compileGlobs(options.part));
    const globs = compileGlobs(options.attributes);
    const keep = compileGlobs(options.keep);
    const named = new Set(options.attributes.filter(nothingInSingle));
    for (const name of named) if (!isSingle(header)) checkName(name);
    const goes = (name: string): boolean =>
      (named.has(name) || !mustStay(name)) && matchesAny(globs, name) && !matchesAny(keep, name);
    const isUnwanted = unwanted(options.matching, options.preset);
    const taken = new Set<string>();
    const without = (attributes: Attributes): Attributes =>
      attributes.filter((name, attribute) => {
        if (goes(name)) return false;
        if (mustStay(name) || matchesAny(keep, name) || !isUnwanted(name, attribute)) return true;
        taken.add(name);
        return false;
      });
    const parts = header.parts.map((part) =>
      selected.has(part)
        ? { ...part, attributes: without(part.attributes), name: goes('name') ? undefined : part.name }
        : part,
    );
    const unused = globs.filter((glob) => ![...selected].some(({ attributes }) => fits(glob, attributes.names())));
    if (unused.length > 0)
      context.warn(
        'NO_MATCH',
        `no attribute is called ${notFound(
          unused.map(({ pattern }) => pattern),
          [...selected].flatMap(({ attributes }) => [...attributes.names()]),
        )}`,
      );
    reportTaken(taken, options.matching, options.preset, context);
    // A single part may have been written with the flag of many, which asks for all three.
    return { ...header, parts, multiPart: header.multiPart && ![...named].some(goes) };
  },
});

/** Whether an attribute goes for its value, or by a preset. */
function unwanted(
  matching: readonly string[],
  preset: 'delivery' | undefined,
): (name: string, attribute: Attribute) => boolean {
  const values = compileGlobs(matching);
  const names = compileGlobs(preset === 'delivery' ? privateNames : []);
  return (name, attribute) => {
    if (isSetAttribute(name)) return false;
    if (matchesAny(names, name)) return true;
    return textsOf(name, attribute).some(
      (text) => matchesAny(values, text) || (preset === 'delivery' && isPrivateText(text)),
    );
  };
}

/** Nobody has named these attributes, so all of them are listed. */
function reportTaken(
  taken: ReadonlySet<string>,
  matching: readonly string[],
  preset: string | undefined,
  context: FilterContext,
): void {
  if (taken.size > 0) context.note('REMOVED', `removed ${listed(taken, taken.size)}`);
  else if (matching.length > 0) context.warn('NO_MATCH', `no attribute has a value that matches ${listed(matching)}`);
  else if (preset !== undefined) context.note('NOTHING_TO_DO', 'nothing in the header identifies machines or people');
}

/** Whether the file needs neither a multi-part nor a deep header. */
function isSingle({ parts }: Header): boolean {
  return parts.length === 1 && !parts.some(isDeep);
}

function fits(glob: Glob, names: readonly string[]): boolean {
  return names.some((name) => glob.matches(name));
}

function checkName(name: string): void {
  if (!mustStay(name)) return;
  throw new ExrError('usage', 'STRUCTURAL_ATTRIBUTE', `"${name}" cannot be removed: readers need it`, {
    where: { attribute: name },
    hint: structuralAdvice(name) ?? 'Use "set-attribute" to change its value.',
  });
}
