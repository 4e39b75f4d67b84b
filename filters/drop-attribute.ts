import { type Attributes, defineFilter, ExrError, type Header, isDeep } from '../lib/index.js';
import { mustStay, nothingInSingle, structuralAdvice } from './shared/attributes.js';
import { compileGlobs, type Glob, matchesAny } from './shared/glob.js';
import { notFound } from './shared/not-found.js';
import { selectParts } from './shared/select.js';

export const dropAttribute = defineFilter({
  name: 'drop-attribute',
  summary: 'Remove header attributes by name or pattern',
  description: [
    'Removes metadata from the header, for example private paths and host names before delivery; the pixels are copied as they are.',
    'A pattern never removes what readers need to interpret the image (channels, windows, compression, views and so on), so "*" leaves a valid file.',
    'In a single-part file "name", "type" and "chunkCount" can be removed by their full names: readers need them only for several parts, or deep ones.',
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
  ],
  options: {
    attributes: {
      type: 'list',
      required: true,
      positional: true,
      placeholder: 'GLOB',
      summary: 'names or patterns of the attributes to remove',
    },
    keep: { type: 'list', placeholder: 'GLOB', summary: 'but keep attributes with these names (repeatable)' },
    part: { type: 'list', placeholder: 'GLOB', summary: 'only in parts with this name (repeatable)' },
  },
  check: ({ attributes }) => {
    for (const name of attributes) if (!nothingInSingle(name)) checkName(name);
  },
  header(header, options, context) {
    const selected = selectParts(header, compileGlobs(options.part));
    const globs = compileGlobs(options.attributes);
    const keep = compileGlobs(options.keep);
    const named = new Set(options.attributes.filter(nothingInSingle));
    for (const name of named) if (!isSingle(header)) checkName(name);
    const goes = (name: string): boolean =>
      (named.has(name) || !mustStay(name)) && matchesAny(globs, name) && !matchesAny(keep, name);
    const without = (attributes: Attributes): Attributes => attributes.filter((name) => !goes(name));
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
    // A single part may have been written with the flag of many, which asks for all three.
    return { ...header, parts, multiPart: header.multiPart && ![...named].some(goes) };
  },
});

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
