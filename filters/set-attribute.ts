import {
  type Attribute,
  defineFilter,
  ExrError,
  formatAttribute,
  type Header,
  isSetAttribute,
  longestName,
  type Part,
  sharedAttributes,
  textLength,
  writableTypes,
} from '../lib/index.js';
import { describesPixels, structuralAdvice } from './shared/attributes.js';
import { compileGlobs } from './shared/glob.js';
import { selectParts } from './shared/select.js';
import { standardType } from './shared/standard-attributes.js';
import { guessType, valueFromText } from './shared/value-text.js';

interface Assignment {
  readonly name: string;
  readonly text: string;
  /** The type the user wrote, if any. */
  readonly type: string | undefined;
}

export const setAttribute = defineFilter({
  name: 'set-attribute',
  summary: 'Set header attributes such as owner, time code or frame rate',
  description: [
    'Writes metadata into the header; the pixels are copied as they are. Give one or more NAME=VALUE.',
    'The type is the one you write after a colon, else the one that the attribute already has, else the standard type of an attribute with this name, else it follows from the value: whole numbers become int, decimal numbers float, anything else string.',
    `Forms: vectors and matrices as 1,2,3; rationals as 24000/1001; time codes as 01:02:03:04 (01:02:03;04 for drop-frame); chromaticities as the eight numbers red, green, blue, white; key codes as seven numbers; string lists as a,b; every type also as JSON. Types: ${writableTypes.join(', ')}.`,
    'Attributes that describe how the pixels are stored cannot be set; the message names the command that changes them.',
  ].join('\n\n'),
  examples: [
    {
      command: 'set-attribute owner="Studio North" timeCode=01:00:00:12 beauty.0012.exr -o out/beauty.0012.exr',
      what: 'two standard attributes; their types are known',
    },
    {
      command: 'set-attribute shot=sh010:string lensK1=0.0213:float plate.exr -o plate_tagged.exr',
      what: 'attributes of your own, types given',
    },
    {
      command: 'set-attribute comments="left eye" --part "*.left" stereo.exr -o stereo_tagged.exr',
      what: 'only in some parts',
    },
  ],
  options: {
    attributes: {
      type: 'list',
      required: true,
      positional: true,
      placeholder: 'NAME=VALUE[:type]',
      summary: 'the attributes and their values',
    },
    part: { type: 'list', placeholder: 'GLOB', summary: 'only in parts with this name (repeatable)' },
  },
  check: ({ attributes }) => {
    for (const text of attributes) parseAssignment(text);
  },
  header(header, options) {
    const selected = selectParts(header, compileGlobs(options.part));
    const assignments = options.attributes.map(parseAssignment);
    for (const { name } of assignments) checkShared(name, header, selected);
    return {
      ...header,
      parts: header.parts.map((part) => (selected.has(part) ? assign(part, assignments) : part)),
    };
  },
});

function assign(part: Part, assignments: readonly Assignment[]): Part {
  const entries = assignments.map((one): [string, Attribute] => [one.name, makeAttribute(one, part)]);
  return { ...part, attributes: part.attributes.merge(entries) };
}

/** Takes `NAME=VALUE[:type]` apart: the name ends at the first `=`; only the name of a type counts as a type. */
function parseAssignment(text: string): Assignment {
  const equals = text.indexOf('=');
  if (equals < 1)
    throw new ExrError('usage', 'BAD_ASSIGNMENT', `"${text}" is not NAME=VALUE`, {
      hint: 'Write for example owner="Studio North".',
    });
  const name = text.slice(0, equals);
  const value = text.slice(equals + 1);
  const advice = structuralAdvice(name);
  if (advice !== undefined)
    throw new ExrError('usage', 'STRUCTURAL_ATTRIBUTE', `"${name}" cannot be set`, {
      where: { attribute: name },
      hint: advice,
    });
  if (textLength(name) > longestName || name.includes('\0'))
    throw new ExrError(
      'usage',
      'BAD_ATTRIBUTE_NAME',
      `an attribute name has at most ${longestName} bytes, none of them zero`,
      { where: { attribute: name } },
    );
  const colon = value.lastIndexOf(':');
  const type = value.slice(colon + 1);
  if (colon < 0 || !writableTypes.includes(type)) return { name, text: value, type: undefined };
  return { name, text: value.slice(0, colon), type };
}

function makeAttribute({ name, text, type }: Assignment, part: Part): Attribute {
  const standard = isSetAttribute(name) ? 'string' : standardType(name);
  const chosen = type ?? standard ?? part.attributes.get(name)?.type ?? guessType(text);
  const where = { attribute: name };
  if (standard !== undefined && chosen !== standard)
    throw new ExrError('usage', 'WRONG_ATTRIBUTE_TYPE', `readers expect the type ${standard}, not ${chosen}`, {
      where,
      hint: `Omit ":${chosen}", or choose another name.`,
    });
  if (!writableTypes.includes(chosen))
    throw new ExrError('usage', 'UNKNOWN_ATTRIBUTE_TYPE', `values of the type ${chosen} cannot be written as text`, {
      where,
      hint: describesPixels(name)
        ? 'It was computed from the pixels of its own file.'
        : 'Use "copy-attributes --from FILE" to take it from another file.',
    });
  try {
    return { type: chosen, value: formatAttribute(chosen, valueFromText(chosen, text)) };
  } catch (error) {
    throw error instanceof ExrError ? error.at(where) : error;
  }
}

/** Some attributes describe the whole image: readers refuse a file in which its parts disagree. */
function checkShared(name: string, header: Header, selected: ReadonlySet<Part>): void {
  if (!sharedAttributes.some((shared) => shared === name) || selected.size === header.parts.length) return;
  throw new ExrError('usage', 'SHARED_ATTRIBUTE', `"${name}" must be the same in all parts`, {
    where: { attribute: name },
    hint: 'Leave out --part.',
  });
}
