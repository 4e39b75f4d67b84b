import fc from 'fast-check';
import t from 'tap';
import { repairHeader } from '../../lib/cryptomatte/repair.js';
import { openable } from '../../lib/cryptomatte/repair-file.js';
import { formatAttribute } from '../../lib/format/attribute-types.js';
import { refusal, refusals } from '../../lib/layers/seen-by/openexr.js';
import type { Attribute } from '../../lib/model/attributes.js';
import type { Header } from '../../lib/model/header.js';
import { breakers } from './breakers.js';
import { fixtureHeader, makeHeader, makePart } from './fixtures.js';

const quiet = { warn: () => undefined, note: () => undefined };

function withAttributes(...own: readonly Record<string, Attribute>[]): Header {
  return makeHeader(
    ...own.map((attributes, number) => {
      const part = makePart([{ name: 'R' }], {}, { name: `part${number}`, number });
      return { ...part, attributes: part.attributes.merge(Object.entries(attributes)) };
    }),
  );
}

const ratio = (value: number): Record<string, Attribute> => ({
  pixelAspectRatio: { type: 'float', value: new Uint8Array(new Float32Array([value]).buffer) },
});

const whites = (x: number): Record<string, Attribute> => ({
  chromaticities: {
    type: 'chromaticities',
    value: formatAttribute('chromaticities', {
      redX: 0.64,
      redY: 0.33,
      greenX: 0.3,
      greenY: 0.6,
      blueX: 0.15,
      blueY: 0.06,
      whiteX: x,
      whiteY: 0.329,
    }),
  },
});

/** What the reference library (3.1.5 and 3.5.3) said of files with such headers. */
t.test('files that OpenEXR refuses, and files that it opens', async (t) => {
  const kinds = (header: Header) => [...refusals(header)].map(({ kind, part }) => `${kind} ${part}`);
  t.strictSame(kinds(withAttributes(ratio(1), ratio(1))), []);
  t.strictSame(kinds(withAttributes(ratio(1), ratio(2))), ['shared-value 1']);
  t.strictSame(kinds(withAttributes({}, whites(0.3127))), ['shared-value 1'], 'in a later part only');
  t.strictSame(kinds(withAttributes(whites(0.3127), {})), [], 'in the first part only');
  t.strictSame(kinds(withAttributes(whites(0.3127), whites(0.3128))), ['shared-value 1']);
  for (const value of [0, -1, Number.NaN, 1e7])
    t.strictSame(kinds(withAttributes(ratio(value))), ['value 0'], `${value}`);
  t.strictSame(kinds(breakers['CM-F02'] as Header), ['part-name 1']);
  const rate = (denominator: number) =>
    withAttributes({ framesPerSecond: { type: 'rational', value: formatAttribute('rational', [24, denominator]) } });
  t.strictSame(kinds(rate(0)), ['value 0']);
  t.strictSame(kinds(rate(1)), []);
  t.match(refusal(fixtureHeader('cases/18_same_part_names.exr')), 'are both called "beauty"');
  t.match(refusal(fixtureHeader('cases/20_chromaticities_later_part.exr')), 'part 1 has other chromaticities');
});

t.test('what can be repaired in a header is repaired, once', async (t) => {
  for (const header of [
    breakers['CM-F01'] as Header,
    breakers['CM-F03'] as Header,
    fixtureHeader('cases/20_chromaticities_later_part.exr'),
    withAttributes(whites(0.3127), whites(0.4)),
  ]) {
    const repaired = openable(header, quiet);
    t.equal(refusal(repaired), undefined);
    t.equal(openable(repaired, quiet), repaired, 'and is left alone then');
    t.equal(refusal(repairHeader(header, quiet)), undefined);
  }
});

t.test('what is lost is warned of, what is only repeated is noted', async (t) => {
  const said: string[] = [];
  const report = { warn: () => void said.push('warning'), note: () => void said.push('note') };
  openable(withAttributes({}, whites(0.3127)), report);
  openable(withAttributes(whites(0.3127), whites(0.31271)), report);
  openable(withAttributes(whites(0.3127), whites(0.4)), report);
  t.strictSame(said, ['note', 'note', 'warning']);
});

t.test('a header that nothing refuses stays the same object', async () => {
  const parts = fc.array(fc.constantFrom({}, ratio(1), whites(0.3127)), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(parts, (own) => {
      const header = withAttributes(...own);
      return refusal(header) !== undefined || openable(header, quiet) === header;
    }),
  );
  fc.assert(fc.property(parts, (own) => refusal(openable(withAttributes(...own), quiet)) === undefined));
});
