import fc from 'fast-check';
import t from 'tap';
import { infoTable } from '../../bin/commands/info-table.js';
import { infoText } from '../../bin/commands/info-text.js';
import { alignColumns, fitColumns, terminalWidth } from '../../bin/terminal/table.js';
import { describeHeader } from '../../lib/cryptomatte/describe.js';
import { partSizes } from '../../lib/format/offset-table.js';
import type { Header } from '../../lib/model/header.js';
import { fixtureHeader, layer, makeHeader, makePart, setStrings } from '../cryptomatte/fixtures.js';

/** A default frame of Blender 5 with three view layers: a part for each pass and rank, all metadata in part 0. */
function blender5(): Header {
  const viewLayers = ['Chars', 'BG', 'FG elements'];
  const kinds = ['CryptoObject', 'CryptoMaterial', 'CryptoAsset'];
  const passes: (readonly [string, string])[] = [
    ['Combined', 'RGBA'],
    ...['Depth', 'Mist'].map((pass) => [pass, 'Z'] as const),
    ['Normal', 'XYZ'],
    ['Vector', 'XYZW'],
    ...kinds.flatMap((kind) => ['00', '01', '02'].map((rank) => [kind + rank, 'rgba'] as const)),
    ...['Combined_key', 'Combined_rim', 'Diffuse Color', 'Glossy Color', 'Emission'].map(
      (pass) => [pass, 'RGB'] as const,
    ),
  ];
  const sets = viewLayers.flatMap((name, row) =>
    kinds.map((kind, column) => setStrings(`000000${row * 3 + column}`, `${name}.${kind}`, '{"a":"00000001"}')),
  );
  const software = { Software: 'Blender 5.3.0', 'cycles.Chars.samples': '4', Scene: 'shot_010' };
  const parts = viewLayers.flatMap((name) =>
    passes.map(([pass, components]) => ({ name: `${name}.${pass}`, components })),
  );
  return makeHeader(
    ...parts.map(({ name, components }, number) =>
      makePart(
        layer(name, components),
        {
          colorInteropID: components === 'RGB' ? 'lin_rec709_scene' : 'data',
          ...(number === 0 && Object.assign(software, ...sets)),
        },
        { name, number },
      ),
    ),
  );
}

t.test('57 parts fit a screen', async (t) => {
  const header = blender5();
  t.equal(header.parts.length, 57);
  const sizes = { file: 1000, parts: header.parts.map(() => 10) };
  const lines = infoTable('shot.exr', describeHeader(header, sizes)).split('\n');
  t.ok(lines.length <= 70, `${lines.length} lines`);
  const narrow = infoTable('shot.exr', describeHeader(header, sizes), 80).split('\n');
  t.equal(narrow.length, lines.length);
  t.ok(Math.max(...narrow.map(({ length }) => length)) <= 80);
  t.match(narrow.join('\n'), /FG .*….*00-02/, 'names are cut in the middle, numbers stay');
  const row = (start: RegExp) =>
    lines
      .find((line) => start.test(line))
      ?.trim()
      .split(/ {2,}/);
  t.strictSame(row(/^ {2}part/), ['part', 'layer', 'channels', 'type', 'codec', 'share', 'colour']);
  t.strictSame(row(/Chars\.CryptoObject00/), [
    '5-7',
    'Chars.CryptoObject00-02',
    'r g b a',
    'float',
    'zip',
    '3.0 %',
    'data',
  ]);
  t.strictSame(row(/^ {2}FG elements\.CryptoAsset /), ['FG elements.CryptoAsset', '6', '1', '49-51', 'part 0']);
  t.notMatch(lines.join('\n'), /cycles\./);
  t.match(infoText('shot.exr', describeHeader(header)), /cycles\.Chars\.samples/, 'all is there with --verbose');
});

t.test('columns are there where they tell something', async (t) => {
  const titles = (header: Header): string | undefined =>
    infoTable('x.exr', describeHeader(header))
      .split('\n')
      .find((line) => /^ +(part|layer) /.test(line))
      ?.trim();
  t.equal(titles(makeHeader(makePart(layer('a', 'RGB')))), 'layer  channels  type');
  const two = (strings: Record<string, string>) =>
    makeHeader(
      makePart(layer('a', 'RGB'), strings, { name: 'a' }),
      makePart(layer('b', 'RGB'), {}, { number: 1, name: 'b', compression: 'piz' }),
    );
  t.equal(titles(two({}))?.replace(/ +/g, ' '), 'part layer channels type codec');
  t.equal(titles(two({ colorInteropID: 'data' }))?.replace(/ +/g, ' '), 'part layer channels type codec colour');
  t.equal(titles(two({ view: 'left' }))?.replace(/ +/g, ' '), 'part layer view channels type codec');
  const named = makeHeader(
    makePart(layer('a', 'RGB'), {}, { name: 'a' }),
    makePart(layer('b', 'RGB'), {}, { number: 1, name: 'label' }),
  );
  t.equal(titles(named)?.replace(/ +/g, ' '), 'part name layer channels type codec');
  const window = { xMin: 0, yMin: 0, xMax: 3, yMax: 3 };
  const cropped = makeHeader(
    makePart(layer('a', 'RGB'), {}, { name: 'a' }),
    makePart(layer('b', 'RGB'), {}, { number: 1, name: 'b', dataWindow: window }),
  );
  t.equal(titles(cropped)?.replace(/ +/g, ' '), 'part layer channels type codec window');
});

t.test('mixed types, views of one layer, and the compositor', async (t) => {
  const mixed = infoTable(
    'x.exr',
    describeHeader(makeHeader(makePart([...layer('a', 'RG', 'half'), ...layer('a', 'Z')]))),
  );
  t.match(mixed, /^ {2}a +R G Z +half\+float$/m);
  const stereo = infoTable('x.exr', describeHeader(fixtureHeader('blender/headers/panel_stereo.header')));
  t.match(stereo, /^ {2}Chars\.CryptoObject00-02 +left right +r g b a +float$/m);
  const composite = makeHeader(
    makePart([...layer('Composite.Combined', 'RGBA'), ...layer('main.Combined', 'RGBA')], {
      'cycles.main.samples': '4',
    }),
  );
  t.match(infoTable('x.exr', describeHeader(composite)), /View layers: Composite \(the compositor's result\), main$/m);
  const rendered = makeHeader(makePart(layer('Composite.Combined', 'RGBA'), { 'cycles.Composite.samples': '4' }));
  t.match(
    infoTable('x.exr', describeHeader(rendered)),
    /View layers: Composite$/m,
    'a view layer that is really called so',
  );
});

t.test('property: no page is wider than the terminal where names are all that is long', async () => {
  const name = fc
    .string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 200 })
    .map((text) => text.replaceAll('.', '_'));
  fc.assert(
    fc.property(
      fc.uniqueArray(name, { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 60, max: 120 }),
      (names, width) => {
        const header = makeHeader(
          ...names.map((own, number) => makePart(layer(own, 'RGBA'), {}, { number, name: own })),
        );
        const [, ...rows] = infoTable('x.exr', describeHeader(header), width).split('\n');
        return rows.every((row) => [...row].length <= width);
      },
    ),
    { numRuns: 50 },
  );
});

t.test('columns that are too wide', async (t) => {
  const rows = [
    ['layer', 'type'],
    ['a very long name of a layer that goes on', 'half'],
  ];
  t.strictSame(fitColumns(rows, [0], 80), rows, 'nothing is cut that fits');
  t.strictSame(alignColumns(fitColumns(rows, [0], 24)), ['layer               type', 'a very lo… goes on  half']);
  t.equal([...(fitColumns(rows, [0], 5)[1]?.[0] ?? '')].length, 12, 'something is left of every name');
  t.equal(terminalWidth({ isTTY: true, columns: 100 }, {}), 100);
  t.equal(terminalWidth({ isTTY: true, columns: 100 }, { COLUMNS: '90' }), 90);
  t.equal(terminalWidth({ isTTY: false, columns: 100 }, { COLUMNS: '90' }), undefined, 'not into a pipe');
});

t.test('property: parts take the bytes between their chunks and the next ones', async (t) => {
  const chunks = fc.array(fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 50 })), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(chunks, fc.nat(100), (list, first) => {
      const tables: number[][] = [[], [], [], []];
      const expected = [0, 0, 0, 0];
      let at = first;
      for (const [part, size] of list) {
        tables[part]?.push(at);
        expected[part] = (expected[part] ?? 0) + size;
        at += size;
      }
      // A table may be in any order.
      const shuffled = tables.map((table) => Float64Array.from(table.toReversed()));
      t.strictSame(partSizes(shuffled, first, at), { file: at, parts: expected });
    }),
  );
  t.equal(partSizes([Float64Array.of(0, 0)], 16, 100), undefined, 'zeros of a streamed file');
  t.equal(partSizes([Float64Array.of(20, 20)], 16, 100), undefined, 'two chunks at one place');
  t.equal(partSizes([Float64Array.of(20, 100)], 16, 100), undefined, 'beyond the end');
  t.equal(partSizes([Float64Array.of(20, Number.POSITIVE_INFINITY)], 16, 100), undefined);
});
