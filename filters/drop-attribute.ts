import { type Attributes, defineFilter, ExrError, type Header, isDeep } from '../lib/index.js';
import { mustStay, nothingInSingle, structuralAdvice } from './shared/attributes.js';
import { compileGlobs, type Glob, matchesAny } from './shared/glob.js';
import { notFound } from './shared/not-found.js';
import { selectParts } from './shared/select.js';

/** Removes attributes. See docs/reference.md#drop-attribute for its options. */
export const dropAttribute = defineFilter({
  name: 'drop-attribute',
  summary: 'Remove header attributes by name or pattern',
  description: [
    'Takes metadata out of the header, for example private paths and host names before delivery; the pixels are copied as they are.',
    'A pattern never removes what readers need to understand the picture (channels, windows, compression, views and the like), so "*" leaves a sound file.',
    'Of a file of one part, "name", "type" and "chunkCount" can be removed by their full names: readers need them only where there are several parts, or deep ones.',
    'It does remove Cryptomatte metadata when a pattern fits: "cryptomatte/*" takes all of it.',
  ].join('\n\n'),
  examples: [
    {
      command: 'drop-attribute File Hostname "input/*" beauty.0001.exr -o delivery/beauty.0001.exr',
      what: 'strip what tells about your machines',
    },
    {
      command: 'drop-attribute "*" --keep "cryptomatte/*" shot.0001.exr -o clean.0001.exr',
      what: 'only Cryptomatte and what readers need stays',
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
    keep: { type: 'list', placeholder: 'GLOB', summary: 'but keep attributes of these names (repeatable)' },
    part: { type: 'list', placeholder: 'GLOB', summary: 'only in parts of this name (repeatable)' },
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
