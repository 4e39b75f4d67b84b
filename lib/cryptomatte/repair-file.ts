/** Repairs what makes OpenEXR refuse a file, as far as the header allows. */
import { formatAttribute, parseAttribute } from '../format/attribute-types.js';
import { type Refusal, refusals } from '../layers/seen-by/openexr.js';
import type { Attribute } from '../model/attributes.js';
import type { Header, Part } from '../model/header.js';
import type { NoticeReporter } from './carry.js';

/**
 * CM-F01 and CM-F03: values shared by all parts become part 0's, or, if it has none, the first part's that has one; invalid
 * numbers become 1. Names of parts are left to `merge`, which knows better names.
 */
export function openable(header: Header, report: NoticeReporter): Header {
  const found = [...refusals(header)];
  const values = found.filter(({ kind }) => kind === 'value');
  const sound = values.reduce((current, refusal) => withNumber(current, refusal, report), header);
  const shared = new Set(found.flatMap(({ kind, attribute }) => (kind === 'shared-value' ? attribute : [])));
  return [...shared].reduce((current, attribute) => shareValue(current, attribute, report), sound);
}

function mapPart(header: Header, number: number, change: (part: Part) => Part): Header {
  return { ...header, parts: header.parts.map((part, index) => (index === number ? change(part) : part)) };
}

function withNumber(header: Header, { part, attribute, text }: Refusal, report: NoticeReporter): Header {
  if (attribute === 'framesPerSecond') return header; // Nothing tells the rate.
  report.warn('REPAIRED_VALUE', `${text}; it is 1 now`);
  const value = { type: 'float', value: formatAttribute('float', 1) };
  return mapPart(header, part, (own) => ({ ...own, attributes: own.attributes.with(attribute, value) }));
}

function shareValue(header: Header, attribute: string, report: NoticeReporter): Header {
  const [first] = header.parts;
  if (!first) return header;
  if (attribute === 'displayWindow') {
    report.warn(
      'SHARED_VALUE',
      'the parts have different display windows, which no program opens; all now have that of part 0',
    );
    return { ...header, parts: header.parts.map((part) => ({ ...part, displayWindow: first.displayWindow })) };
  }
  const values = header.parts.flatMap(({ attributes }) => attributes.get(attribute) ?? []);
  const [value] = values;
  if (!value) return header;
  if (values.every((other) => isNear(value, other)))
    report.note('SHARED_VALUE', `all parts now have the same "${attribute}"`);
  else
    report.warn(
      'SHARED_VALUE',
      `the parts have different "${attribute}", which no program opens; all now have the first one`,
    );
  return {
    ...header,
    parts: header.parts.map((part): Part => ({ ...part, attributes: part.attributes.with(attribute, value) })),
  };
}

/** Chromaticities that differ only in the last digits of a float describe one space. */
const tolerance = 1e-4;

function isNear(one: Attribute, other: Attribute): boolean {
  const [a, b] = [one, other].map(numbersOf);
  return (
    a !== undefined && b !== undefined && a.every((value, index) => Math.abs(value - (b[index] ?? 0)) <= tolerance)
  );
}

function numbersOf({ type, value }: Attribute): number[] | undefined {
  try {
    const parsed = parseAttribute(type, value);
    return [...(typeof parsed === 'object' && parsed !== null ? Object.values(parsed) : [parsed])].map(Number);
  } catch {
    return undefined;
  }
}
