import { formatAttribute, longestName, sharedAttributes, textLength, writableTypes } from '../lib/format/index.js';
import {
  type Attribute,
  advise,
  defineFilter,
  ExrError,
  type FilterContext,
  type Header,
  optionNamed,
  type Part,
  stepOf,
} from '../lib/index.js';
import { isSetAttribute } from '../lib/layers/index.js';
import { describesPixels, structuralAdvice } from './shared/attributes.js';
import { compileGlobs } from './shared/glob.js';
import { valueForFrame } from './shared/per-frame.js';
import { selectParts } from './shared/select.js';
import { standardType } from './shared/standard-attributes.js';
import { guessType, valueFromText } from './shared/value-text.js';

interface Assignment {
  readonly name: string;
  readonly text: string;
  /** The type the user wrote, if any. */
  readonly type: string | undefined;
}

/** Sets attributes. See docs/reference.md#set-attribute for its options. */
export const setAttribute = defineFilter({
  name: 'set-attribute',
  summary: 'Set header attributes such as owner, time code or frame rate',
  description: [
    'Writes metadata into the header; the pixels are copied as they are. Give one or more NAME=VALUE.',
    'The type is the one you write after a colon, else the one that the attribute already has, else the standard type of an attribute with this name, else it follows from the value: whole numbers become int, decimal numbers float, anything else string.',
    `Forms: vectors and matrices as 1,2,3; rationals as 24000/1001; time codes as 01:02:03:04 (01:02:03;04 for drop-frame); chromaticities as the eight numbers red, green, blue, white; key codes as seven numbers; string lists as a,b; every type also as JSON. Types: ${writableTypes.join(', ')}.`,
    'With --per-frame values follow the frame: a time code with its rate after an @ runs along the shot, from the given time at frame --first; one written with ; drops frame numbers as SMPTE 12M defines it (29.97 and 59.94). {frame}, {view} and {stem} are the frame number, view and stem in the name of the file.',
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
      command:
        "set-attribute timeCode=01:00:00:00@24 'shotFrame={frame}:int' --per-frame --first 1001 'shot.####.exr' -o out/",
      what: 'a time code that runs along a shot, and the frame number as an attribute',
    },
    {
      command: 'set-attribute comments="left eye" --part "*.left" stereo.exr -o stereo_tagged.exr',
      what: 'only in some parts',
    },
    {
      command: 'set-attribute Camera=shotCam:string --part 0 shot.0001.exr -o tagged.0001.exr',
      what: 'only in the first part, where Blender keeps the metadata of the frame',
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
    part: { type: 'list', placeholder: 'GLOB', summary: 'only in parts with this name or number (repeatable)' },
    perFrame: {
      type: 'flag',
      summary: 'values follow the frame: time codes run, {frame}, {view} and {stem} are those of the file name',
    },
    first: {
      type: 'number',
      placeholder: 'FRAME',
      summary: 'with --per-frame: the frame that has the given time code (default: 1)',
    },
  },
  check: ({ attributes, perFrame, first }) => {
    for (const text of attributes) parseAssignment(text);
    if (first !== undefined && !perFrame)
      throw new ExrError(
        'usage',
        'BAD_OPTION',
        advise`set-attribute: ${optionNamed('first')} needs ${optionNamed('perFrame')}`,
      );
    if (first !== undefined && !Number.isInteger(first))
      throw new ExrError('usage', 'BAD_OPTION', advise`set-attribute: ${optionNamed('first')} takes a frame number`);
  },
  header(header, options, context) {
    const selected = selectParts(header, compileGlobs(options.part));
    const given = options.attributes.map(parseAssignment);
    const { perFrame, first = 1 } = options;
    const assignments = perFrame ? given.map((one) => forFrame(one, first, context)) : given;
    for (const { name } of assignments) checkShared(name, header, selected);
    return {
      ...header,
      parts: header.parts.map((part) => (selected.has(part) ? assign(part, assignments) : part)),
    };
  },
});

function forFrame(one: Assignment, first: number, context: FilterContext): Assignment {
  const { name, text, type } = one;
  try {
    return { ...one, text: valueForFrame(text, type ?? standardType(name), first, context) };
  } catch (error) {
    throw error instanceof ExrError ? error.at({ attribute: name }) : error;
  }
}

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
        : advise`Use ${stepOf('copy-attributes', { from: 'FILE' })} to take it from another file.`,
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
    hint: advise`Omit ${optionNamed('part')}.`,
  });
}
