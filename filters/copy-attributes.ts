import { listed, writableTypes } from '../lib/format/index.js';
import {
  type Attribute,
  type Attributes,
  advise,
  defineFilter,
  ExrError,
  type Header,
  type Part,
  stepOf,
} from '../lib/index.js';
import { isSetAttribute } from '../lib/layers/index.js';
import { isShared } from './shared/agreement.js';
import { describesPixels, structuralAdvice } from './shared/attributes.js';
import { compileGlobs, type Glob, matchesAny } from './shared/glob.js';
import { preferValue } from './shared/placeholders.js';

/** Copies attributes from another file. See docs/reference.md#copy-attributes for its options. */
export const copyAttributes = defineFilter({
  name: 'copy-attributes',
  summary: 'Copy header attributes from another EXR file',
  description: [
    "Restores metadata that a compositor lost: camera, lens, frame, time code, render time. Attributes of the same name are replaced, others stay; the pixels are copied as they are. A #### in the file's name follows the frame.",
    'A part takes its attributes from the part of the same name, or else from the first part of the other file.',
    'What describes the pixels themselves (channels, windows, compression, pixel aspect ratio, colour space, views, previews) is never copied, since the pixels differ. Neither is Cryptomatte metadata, which must match the channels: "inject-manifest --from FILE" copies and checks it.',
  ].join('\n\n'),
  examples: [
    {
      command: 'copy-attributes --from render.0001.exr comp.0001.exr -o out/comp.0001.exr',
      what: 'everything from the render',
    },
    {
      command: 'copy-attributes --from render.####.exr --only "camera*" --only timeCode comp.0012.exr -o out.0012.exr',
      what: 'only some of it, each frame from its own render',
    },
  ],
  options: {
    from: { type: 'file', required: true, placeholder: 'FILE', summary: 'the EXR file with the attributes' },
    only: { type: 'list', placeholder: 'GLOB', summary: 'only attributes with these names (repeatable)' },
  },
  async header(header, options, context) {
    const donor = await context.readHeader(options.from);
    const only = compileGlobs(options.only);
    const donorPart = donorParts(donor);
    const parts = header.parts.map((part) => {
      const entries = copyable(donorPart(part).attributes, only);
      return { ...part, attributes: part.attributes.merge(worthCopying(entries, part.attributes)) };
    });
    const shared = copyable(firstPart(donor).attributes, only).filter(([name]) => isShared(name));
    const names = new Set(donor.parts.flatMap(({ attributes }) => copyable(attributes, only).map(([name]) => name)));
    if (names.size === 0) throw nothingToCopy(donor, options.from, options.only);
    context.note('COPIED', `copied ${names.size} attribute${names.size === 1 ? '' : 's'} from ${options.from}`);
    if (options.only.length > 0 ? skippedSets(donor, only) : skippedSets(donor))
      context.note(
        'CRYPTOMATTE_NOT_COPIED',
        advise`the Cryptomatte metadata of ${options.from} was not copied; use ${stepOf('inject-manifest', { from: [options.from] })}`,
      );
    // Readers refuse a file whose parts disagree on these, so all parts get what the first one has.
    return { ...header, parts: parts.map((part) => ({ ...part, attributes: part.attributes.merge(shared) })) };
  },
});

function copyable(attributes: Attributes, only: readonly Glob[]): [string, Attribute][] {
  return [...attributes].filter(([name]) => !describesPixels(name) && (only.length === 0 || matchesAny(only, name)));
}

/** A placeholder (Camera "<none>") takes no value's place. */
function worthCopying(entries: readonly [string, Attribute][], own: Attributes): [string, Attribute][] {
  return entries.map(([name, attribute]) => [name, preferValue(name, attribute, own.get(name) ?? attribute)]);
}

function donorParts(donor: Header): (part: Part) => Part {
  const named = new Map(donor.parts.toReversed().map((part) => [part.name, part]));
  return ({ name }) => (name === undefined ? undefined : named.get(name)) ?? firstPart(donor);
}

function firstPart(header: Header): Part {
  const first = header.parts[0];
  if (!first) throw new ExrError('invalid', 'NO_PARTS', 'the file has no parts');
  return first;
}

function skippedSets(donor: Header, only?: readonly Glob[]): boolean {
  return donor.parts.some(({ attributes }) =>
    attributes.names().some((name) => isSetAttribute(name) && (!only || matchesAny(only, name))),
  );
}

/** Name and type of the first attribute that was asked for, but belongs to the donor's own pixels. */
function pixelAttribute(donor: Header, only: readonly Glob[]): [string, string] | undefined {
  const found = donor.parts
    .flatMap(({ attributes }) => [...attributes])
    .find(([name]) => describesPixels(name) && matchesAny(only, name));
  return found && [found[0], found[1].type];
}

function nothingToCopy(donor: Header, path: string, only: readonly string[]): ExrError {
  const names = new Set(donor.parts.flatMap(({ attributes }) => copyable(attributes, []).map(([name]) => name)));
  if (skippedSets(donor, compileGlobs(only)) && only.length > 0)
    return new ExrError('usage', 'NOTHING_TO_COPY', 'Cryptomatte metadata is not copied as it is', {
      hint: advise`Use ${stepOf('inject-manifest', { from: [path] })}, which matches it with the channels.`,
    });
  const [own, type] = pixelAttribute(donor, compileGlobs(only)) ?? [];
  if (own !== undefined && type !== undefined)
    return new ExrError('usage', 'NOTHING_TO_COPY', `"${own}" describes the pixels of ${path}, and is not copied`, {
      hint:
        structuralAdvice(own) ??
        (writableTypes.includes(type)
          ? `If it applies to these pixels as well, use "set-attribute ${own}=VALUE".`
          : 'It was computed from those pixels and does not apply to others.'),
    });
  return new ExrError('usage', 'NOTHING_TO_COPY', `${path} has no attribute to copy`, {
    hint: names.size > 0 ? `It has ${listed(names)}.` : 'It holds nothing but the description of its own pixels.',
  });
}
