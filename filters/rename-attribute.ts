import { longestName, textLength } from '../lib/format/index.js';
import { defineFilter, ExrError, type Part } from '../lib/index.js';
import { isSetAttribute } from '../lib/layers/index.js';
import { mustStay, structuralAdvice } from './shared/attributes.js';
import { compileGlobs } from './shared/glob.js';
import { notFound } from './shared/not-found.js';
import { selectParts } from './shared/select.js';
import { standardType } from './shared/standard-attributes.js';

interface Renaming {
  readonly from: string;
  readonly to: string;
}

/** Renames header attributes. See docs/reference.md#rename-attribute for its options. */
export const renameAttribute = defineFilter({
  name: 'rename-attribute',
  summary: 'Rename header attributes',
  description: [
    'Gives metadata the names that another program expects. Values, types and order stay, and the pixels are copied as they are. Give one or more OLD=NEW.',
    'Attributes that readers need to understand the image, and those of Cryptomattes, keep their names; "rename" and "repair" change what can be changed there. A name that is taken already is an error.',
  ].join('\n\n'),
  examples: [
    { command: 'rename-attribute Camera=cameraLabel RenderTime=render/time in.exr -o out.exr', what: 'two attributes' },
    {
      command: "rename-attribute owner=studio 'shot.####.exr' --in-place",
      what: 'a whole shot, each file replaced by its result',
    },
  ],
  options: {
    attributes: {
      type: 'list',
      required: true,
      positional: true,
      placeholder: 'OLD=NEW',
      summary: 'the attributes and their new names',
    },
    part: { type: 'list', placeholder: 'GLOB', summary: 'only in parts of this name (repeatable)' },
  },
  check: ({ attributes }) => {
    const all = attributes.map(parseRenaming);
    for (const names of [all.map(({ from }) => from), all.map(({ to }) => to)]) {
      const twice = names.find((name, at) => names.indexOf(name) !== at);
      if (twice !== undefined) throw usage('BAD_ASSIGNMENT', `"${twice}" is there twice`);
    }
  },
  header(header, { attributes, part: globs }, context) {
    const selected = selectParts(header, compileGlobs(globs));
    const renamings = new Map(attributes.map(parseRenaming).map(({ from, to }) => [from, to]));
    const known = new Set([...selected].flatMap((part) => part.attributes.names()));
    const missing = [...renamings.keys()].filter((name) => !known.has(name));
    if (missing.length > 0) context.warn('NO_MATCH', `no attribute is called ${notFound(missing, known)}`);
    return {
      ...header,
      parts: header.parts.map((part) => (selected.has(part) ? renamed(part, renamings) : part)),
    };
  },
});

function renamed(part: Part, renamings: ReadonlyMap<string, string>): Part {
  const { attributes } = part;
  for (const [from, to] of renamings) {
    const attribute = attributes.get(from);
    if (!attribute) continue;
    if (attributes.has(to) && !renamings.has(to))
      throw new ExrError('usage', 'ATTRIBUTE_EXISTS', `there is an attribute "${to}" already`, {
        where: { attribute: from },
        hint: `Remove it first, with "drop-attribute '${to}'".`,
      });
    const standard = standardType(to);
    if (standard !== undefined && standard !== attribute.type)
      throw new ExrError(
        'usage',
        'WRONG_ATTRIBUTE_TYPE',
        `readers expect "${to}" with the type ${standard}, not ${attribute.type}`,
        {
          where: { attribute: from },
          hint: 'Choose another name, or write the value with "set-attribute".',
        },
      );
  }
  return { ...part, attributes: attributes.rename((name) => renamings.get(name) ?? name) };
}

/** Takes `OLD=NEW` apart: names of attributes may hold anything, but the first `=` ends the old one. */
function parseRenaming(text: string): Renaming {
  const equals = text.indexOf('=');
  const [from, to] = [text.slice(0, equals), text.slice(equals + 1)];
  if (equals < 1 || to === '') throw usage('BAD_ASSIGNMENT', `"${text}" is not OLD=NEW`);
  for (const name of [from, to]) {
    if (mustStay(name))
      throw new ExrError(
        'usage',
        'STRUCTURAL_ATTRIBUTE',
        `"${name}" has a meaning of its own, and no other attribute can have it`,
        {
          where: { attribute: name },
          hint: structuralAdvice(name) ?? 'Use "set-attribute" to change its value.',
        },
      );
    if (isSetAttribute(name))
      throw new ExrError('usage', 'CRYPTOMATTE_ATTRIBUTE', `"${name}" belongs to a Cryptomatte`, {
        where: { attribute: name },
        hint: 'Use "rename" for its name and channels, "repair" for its keys and prefixes.',
      });
  }
  if (textLength(to) > longestName || to.includes('\0'))
    throw usage('BAD_ATTRIBUTE_NAME', `an attribute name has at most ${longestName} bytes, none of them zero`);
  return { from, to };
}

function usage(code: string, message: string): ExrError {
  return new ExrError('usage', code, `rename-attribute: ${message}`, { hint: 'Write for example Camera=cameraLabel.' });
}
