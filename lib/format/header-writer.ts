import { advise, stepOf } from '../model/advice.js';
import { type Attribute, Attributes } from '../model/attributes.js';
import { ExrError, withPlace } from '../model/error.js';
import { type Header, isDeep, type Part } from '../model/header.js';
import { compareText, encodeText, textLength } from '../model/text.js';
import { checkStored } from './attribute-types.js';
import { ByteWriter, equalBytes } from './bytes.js';
import { Geometry } from './geometry.js';
import { longestName, longestShortName } from './limits.js';
import { structural } from './structural.js';
import { flags, magic } from './version.js';

/** Attributes that should be the same in every part of a file (OpenEXR multi-part rules). */
export const sharedAttributes = ['displayWindow', 'pixelAspectRatio', 'chromaticities', 'timeCode'] as const;

/**
 * Readers refuse files whose parts disagree on these. (They do not check time codes: the library looks them up under a wrong
 * name.)
 */
const enforced = sharedAttributes.filter((name) => name !== 'timeCode');

/**
 * The bytes of a file from its magic number to the first offset table.
 *
 * @throws ExrError of kind `usage` for headers no reader accepts.
 */
export function writeHeader(header: Header): Uint8Array {
  const multiPart = header.parts.length > 1 || header.multiPart;
  const parts = header.parts.map((part) => storedAttributes(part, multiPart));
  if (multiPart) checkTogether(header.parts, parts);
  const writer = new ByteWriter(headerLength(parts, multiPart));
  writer.u32(magic).u32(versionField(header, parts, multiPart));
  for (const attributes of parts) {
    for (const [name, { type, value }] of attributes) {
      try {
        checkStored(type, value);
      } catch (error) {
        throw withPlace(error, { attribute: name });
      }
      writer.cstring(name).cstring(type).u32(value.length).bytes(value);
    }
    writer.u8(0);
  }
  if (multiPart) writer.u8(0);
  return writer.done();
}

function headerLength(parts: readonly Attributes[], multiPart: boolean): number {
  const entries = parts.flatMap((attributes) => [...attributes]);
  const bytes = entries.reduce(
    (sum, [name, { type, value }]) => sum + textLength(name) + textLength(type) + 6 + value.length,
    0,
  );
  return 8 + bytes + parts.length + (multiPart ? 1 : 0);
}

/** A part's attributes as stored in a file: with the typed fields inserted, everything else unchanged. */
export function storedAttributes(part: Part, multiPart: boolean): Attributes {
  const fields = fieldAttributes(part, multiPart);
  const kept = [...part.attributes].flatMap(([name, attribute]): [string, Attribute][] => {
    if (name === 'tiles' && !part.tiles) return part.type === 'scanlineimage' ? [[name, attribute]] : [];
    if (name === 'name' && part.name === undefined) return [];
    return [[name, attribute]];
  });
  const known = new Set(kept.map(([name]) => name));
  // New fields come first, so that their position does not depend on when other attributes were added.
  return new Attributes([
    ...[...fields].filter(([name]) => !known.has(name) && !optional(name, part, multiPart)),
    ...kept.map(([name, attribute]): [string, Attribute] => [
      name,
      reconcile(name, attribute, fields.get(name), multiPart || isDeep(part)),
    ]),
  ]);
}

/** The typed fields as attributes. */
function fieldAttributes(part: Part, multiPart: boolean): Map<string, Attribute> {
  const { name, tiles } = part;
  if (multiPart && name === undefined)
    throw new ExrError('usage', 'PART_WITHOUT_NAME', 'every part of a multi-part file needs a name');
  const fields = new Map<string, Attribute>([
    ['channels', attribute('channels', sortedChannels(part))],
    ['compression', attribute('compression', part.compression)],
    ['dataWindow', attribute('dataWindow', part.dataWindow)],
    ['displayWindow', attribute('displayWindow', part.displayWindow)],
    ['lineOrder', attribute('lineOrder', part.lineOrder)],
    ['type', { type: 'string', value: encodeText(part.type) }],
    ['chunkCount', { type: 'int', value: new ByteWriter().i32(new Geometry(part).chunkCount).done() }],
  ]);
  if (name !== undefined) fields.set('name', attribute('name', name));
  if (tiles) fields.set('tiles', attribute('tiles', tiles));
  return fields;
}

function attribute<Name extends keyof typeof structural>(
  name: Name,
  value: Parameters<(typeof structural)[Name]['write']>[0],
): Attribute {
  const entry = structural[name] as { type: string; write: (value: unknown) => Uint8Array };
  return { type: entry.type, value: entry.write(value) };
}

/** Fields that a single-part file may omit, and omits unless it had them. */
function optional(name: string, part: Part, multiPart: boolean): boolean {
  if (multiPart || isDeep(part)) return false;
  return name === 'type' || name === 'chunkCount';
}

/** The stored bytes if they mean the same as the typed field (reserved bytes and an unsorted list survive), else the field's. */
function reconcile(name: string, stored: Attribute, field: Attribute | undefined, typeRules: boolean): Attribute {
  if (!field) return stored;
  // In single-part flat files the version flags decide; a wrong type there misleads no reader and is kept.
  if (name === 'type' && !typeRules) return stored;
  if (equalBytes(stored.value, field.value)) return stored;
  if (name !== 'channels') return field;
  try {
    const list = structural.channels.parse(stored.value).toSorted((a, b) => compareText(a.name, b.name));
    return equalBytes(structural.channels.write(list), field.value) ? stored : field;
  } catch {
    return field;
  }
}

function sortedChannels(part: Part): Part['channels'] {
  part.channels.forEach(({ name }, index) => {
    const next = part.channels[index + 1];
    if (next && compareText(name, next.name) >= 0)
      throw new ExrError('usage', 'CHANNELS_NOT_SORTED', `duplicate or unsorted channels: "${name}", "${next.name}"`);
  });
  return part.channels;
}

function versionField(header: Header, parts: readonly Attributes[], multiPart: boolean): number {
  const only = header.parts[0];
  const needsLong = needsLongNames(header, parts);
  let field = 2;
  if (multiPart) field |= flags.multiPart;
  if (header.parts.some(isDeep)) field |= flags.deep;
  if (!multiPart && only?.type === 'tiledimage') field |= flags.tiled;
  if (header.longNames || needsLong) field |= flags.longNames;
  return field;
}

/** The flag is needed exactly when an attribute's, a type's or a channel's name exceeds 31 bytes; beyond 255 nothing helps. */
function needsLongNames(header: Header, parts: readonly Attributes[]): boolean {
  const names = [
    ...parts.flatMap((attributes) => [...attributes].flatMap(([name, { type }]) => [name, type])),
    ...header.parts.flatMap((part) => part.channels.map(({ name }) => name)),
  ];
  const longest = names.reduce((a, b) => (textLength(b) > textLength(a) ? b : a), '');
  if (textLength(longest) > longestName)
    throw new ExrError(
      'usage',
      'NAME_TOO_LONG',
      `"${longest}" is ${textLength(longest)} bytes long; files allow ${longestName}`,
    );
  return textLength(longest) > longestShortName;
}

/** Rules between parts: unique names, and the same value for the attributes that describe the whole image. */
function checkTogether(parts: readonly Part[], stored: readonly Attributes[]): void {
  const seen = new Set<string>();
  for (const { name } of parts) {
    if (seen.has(name ?? ''))
      throw new ExrError('usage', 'DUPLICATE_PART_NAME', `two parts are named "${name}"`, {
        hint: advise`Give them different names, for example with ${stepOf('merge', { as: 'parts', name: '{layer}{part}' })}.`,
      });
    seen.add(name ?? '');
  }
  for (const shared of enforced) {
    const first = stored[0]?.get(shared);
    stored.forEach((attributes, part) => {
      const own = attributes.get(shared);
      if (own && !(first && equalBytes(own.value, first.value)))
        throw new ExrError(
          'invalid',
          'SHARED_ATTRIBUTE_DIFFERS',
          `"${shared}" differs from the first part's, which readers refuse`,
          {
            where: { part, attribute: shared },
            hint: advise`Use ${stepOf('merge', { as: 'parts' })}, which makes the parts agree.`,
          },
        );
    });
  }
}
