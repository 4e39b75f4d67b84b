import t from 'tap';
import { bitsToFloat, bitsToHex, nameBits } from '../../lib/cryptomatte/hash.js';
import { pxr24Bits, type SampleReader } from '../../lib/cryptomatte/ids.js';
import { shortName } from '../../lib/cryptomatte/rules/advice.js';
import { SequenceCheck } from '../../lib/cryptomatte/rules/sequence.js';
import { layoutRules } from '../../lib/cryptomatte/rules/shot-layout.js';
import { sidecarPath } from '../../lib/cryptomatte/sidecar.js';
import {
  cryptomatteRules,
  type Finding,
  validateHeader,
  validatePixels,
  validateSequence,
  validateSidecars,
} from '../../lib/cryptomatte/validate.js';
import { type Program, programs } from '../../lib/layers/seen-by/program.js';
import { seenBy, works } from '../../lib/layers/seen-by/seen-by.js';
import { Attributes } from '../../lib/model/attributes.js';
import type { Header } from '../../lib/model/header.js';
import { encodeText } from '../../lib/model/text.js';
import { breakers, changed, channels, manifest, names, withManifest } from './breakers.js';
import { fixtureHeader, layer, makeHeader, makePart, setStrings } from './fixtures.js';

const ids = (findings: readonly Finding[]): string[] => [...new Set(findings.map(({ rule }) => rule))].sort();
const errors = (findings: readonly Finding[]): string[] => ids(findings.filter(({ severity }) => severity === 'error'));

t.test('a sound file breaks no rule', async (t) => {
  t.strictSame(
    validateHeader(changed({})).filter(({ severity }) => severity !== 'info'),
    [],
  );
});

t.test('every header rule sees what breaks it', async (t) => {
  for (const [rule, header] of Object.entries(breakers)) t.ok(ids(validateHeader(header)).includes(rule), rule);
  const stem = validateHeader(makeHeader(makePart([{ name: 'R' }, { name: 'A' }])), { stem: 'shot_CryptoObject00' });
  t.strictSame(ids(stem), ['CM-C14']);
});

t.test('every rule has a test that breaks it', async (t) => {
  const elsewhere = [
    'CM-A10',
    'CM-B17',
    'CM-B12',
    'CM-B15',
    'CM-C14',
    'CM-D06',
    'CM-D07',
    'CM-D09',
    'CM-D12',
    'CM-D13',
    'CM-F04',
    'CM-F05',
    'CM-F06',
    'CM-F07',
    // test/layers/shot-layout.test.ts
    ...layoutRules.map(({ id }) => id),
  ];
  t.strictSame(
    cryptomatteRules.map(({ id }) => id),
    [...Object.keys(breakers), ...elsewhere].sort(),
  );
});

t.test('names that a file with several view layers cannot have are not a mistake', (t) => {
  const remedies = (...sets: string[]) => {
    const strings = sets.map((name, i) => setStrings(`111111${i}`, name, '{}'));
    const part = makePart(
      sets.flatMap((name) => layer(`${name}00`, 'rgba')),
      Object.assign({}, ...strings),
    );
    const findings = validateHeader(makeHeader(part), { targets: ['arnold'] });
    return findings.filter(({ rule }) => rule === 'CM-C13').map(({ command }) => command);
  };
  const renamed = (name: string) => `rename --map BG.${name}=crypto_${name.slice(6).toLowerCase()}`;
  t.strictSame(remedies('BG.CryptoObject', 'BG.CryptoMaterial'), [renamed('CryptoObject'), renamed('CryptoMaterial')]);
  t.strictSame(remedies('BG.CryptoObject', 'FG.CryptoObject', 'FG.CryptoMaterial'), [
    'rename --map FG.CryptoMaterial=crypto_material',
    undefined,
    undefined,
  ]);
  t.strictSame(remedies('crypto_object'), []);
  t.end();
});

t.test('faults of values and names, and the command that fixes them', async (t) => {
  const found = (text: string, target?: Program) =>
    validateHeader(withManifest(text), target ? { targets: [target] } : {})
      .filter(({ rule }) => /^CM-B0/.test(rule))
      .map(({ rule, severity, command }) => `${rule} ${severity} ${command}`);
  const sound = manifest.slice(1, -1);
  t.strictSame(found(`{${sound}}`), []);
  t.strictSame(found(`{${sound},"odd":"12345678"}`), ['CM-B04 warning inject-manifest --rehash'], 'as no other has it');
  t.strictSame(
    found('{"odd":"12345678","one":"12345679"}'),
    ['CM-B04 info inject-manifest --rehash'],
    'as all have it',
  );
  const long = 'long_'.repeat(16);
  const explained = ['木', 'odd (12345678)', 'cut%E6'].map((name) => `"${name}":"12345678"`);
  for (const entry of [...explained, `"${long}":"${bitsToHex(nameBits(long.slice(0, 62)))}"`])
    t.strictSame(found(`{${sound},${entry}}`), ['CM-B04 info inject-manifest --rehash'], entry);
  const raw = `{${sound},"obj45":"00734d5c"}`;
  t.strictSame(found(raw, 'nuke'), ['CM-B04 warning repair']);
  t.strictSame(found(raw, 'blender'), ['CM-B04 info repair']);
  const nothing = `{${sound},"(null)":"00000000"}`;
  t.strictSame(found(nothing), ['CM-B06 info repair']);
  t.strictSame(found(nothing, 'nuke'), ['CM-B06 warning repair']);
  t.strictSame(found(nothing, 'blender'), ['CM-B06 info repair']);
  t.strictSame(found(`{${sound},"x":"0x12345678"}`), [
    'CM-B03 error repair',
    'CM-B04 warning inject-manifest --rehash',
  ]);
  t.strictSame(found(`{${sound},${sound}}`), ['CM-B02 warning repair']);
  t.strictSame(found(`{${sound},"Hero":"12345678"}`), [
    'CM-B02 warning repair',
    'CM-B04 info inject-manifest --rehash',
  ]);
  for (const text of [`{"a":{${sound}}}`, `{${sound}}x`, `{${sound},"\udce4":"${bitsToHex(nameBits('\udce4'))}"}`])
    t.ok(found(text).includes('CM-B02 error repair'), text);
});

t.test('IDs that the manifest intends but lacks: the command that fixes them', async (t) => {
  const found = async (text: string, id: number) =>
    (await validatePixels(withManifest(text), pixels([id, 0.5, hero, 0.5])))
      .filter(({ rule }) => rule === 'CM-D09')
      .map(({ severity, command }) => `${severity} ${command}`);
  const sound = manifest.slice(1, -1);
  t.strictSame(await found(`{${sound},"obj45":"00734d5c"}`, 0x00f34d5c), ['warning repair']);
  t.strictSame(await found(`{${sound},"torus":"12345678"}`, nameBits('torus')), ['error inject-manifest --rehash']);
  t.strictSame(await found(`{${sound}}`, 0x12345678), ['warning inject-manifest --replace --from DONOR.exr']);
});

t.test('rules are complete and their texts are sentences', async (t) => {
  for (const { id, meaning, fixedBy, command } of cryptomatteRules) {
    t.match(meaning, /^[A-Z].*\.$/, id);
    t.equal(command !== undefined, fixedBy === 'header' || fixedBy === 'pixels', `${id} has a command if one helps`);
  }
});

/** What the programs themselves made of these files: Blender's node, Psyop's plug-ins for Nuke and Fusion. */
const verdicts: readonly (readonly [string, Program[]])[] = [
  ['blender/b2_main_dot.0001.exr', ['blender', 'nuke', 'fusion']],
  ['blender/b5_direct_Chars.0001.exr', ['blender', 'nuke', 'fusion']],
  ['blender/panel_levels2.0001.exr', ['blender', 'nuke', 'fusion']],
  ['blender/headers/panel_f32_zip.header', ['blender', 'nuke', 'fusion']],
  ['blender/headers/panel_f32_dwaa.header', ['blender', 'nuke', 'fusion']],
  ['blender/headers/oiio_multipart_viewlayers.header', ['blender', 'nuke']],
  ['blender/headers/panel_nasty_eevee_escaped.header', ['blender', 'fusion']],
  // Blender finds mattes by the names as they are typed, whatever the manifest.
  ['blender/headers/panel_nasty_cycles_unescaped.header', ['blender']],
  ['blender/headers/panel_layernames.header', []],
  ['blender/headers/panel_stereo.header', []],
  ['blender/headers/b4_three_layers_lost.header', []],
  ['blender/b3_lost_sepcomb.0001.exr', []],
  ['blender/b3_partial_material_lost.0001.exr', []],
  ['blender/b2_longname.0001.exr', []],
  ['blender/b5_direct_nasty_FG_elements.0001.exr', ['blender']],
  ['blender/b1_direct_half.0001.exr', []],
  ['blender/b1_direct_pxr24.0001.exr', []],
];

t.test('real files: errors exactly for the programs that fail on them', async (t) => {
  for (const [file, working] of verdicts)
    for (const target of ['blender', 'nuke', 'fusion'] as const) {
      const found = errors(validateHeader(fixtureHeader(file), { targets: target ? [target] : [] }));
      t.equal(found.length === 0, working.includes(target), `${file} in ${target}: ${found}`);
    }
});

t.test('a target sees only what matters to it', async (t) => {
  const header = breakers['CM-A07'] as Header;
  t.ok(errors(validateHeader(header, { targets: ['fusion'] })).includes('CM-A07'));
  t.notOk(ids(validateHeader(header, { targets: ['nuke'] })).includes('CM-A07'));
});

t.test('a breach that repeats is counted', async (t) => {
  const text = `{${Array.from({ length: 100 }, (_, index) => `"${index}":"00000001"`).join(',')}}`;
  const found = validateHeader(withManifest(text)).filter(({ rule }) => rule === 'CM-B05');
  t.equal(found.length, 6);
  t.match(found.at(-1)?.message, '94 more');
});

/** Pixels of one rank layer: pairs of ID and coverage, for each pixel two. */
function pixels(...list: readonly (readonly [number, number, number, number])[]): SampleReader {
  return async function* (_, wanted) {
    yield {
      region: { x: 0, y: 0, width: list.length, height: 1 },
      samples: wanted.map((name) => {
        const slot = 'rgba'.indexOf(name.slice(-1));
        return new Float32Array(
          list.map((pixel) => (slot % 2 === 0 ? bitsToFloat(pixel[slot] as number) : (pixel[slot] as number))),
        );
      }),
    };
  };
}

const [hero, prop] = names.map(nameBits) as [number, number];

t.test('pixel rules', async (t) => {
  const header = changed({});
  const check = async (reader: SampleReader) => ids(await validatePixels(header, reader));
  t.strictSame(await check(pixels([hero, 0.5, prop, 0.5])), ['CM-B15']);
  t.strictSame(await check(pixels([hero, 0.5, 0x12345678, 0.5])), ['CM-B15', 'CM-D09']);
  t.strictSame(await check(pixels([0x7f800000, 1, 0, 0], [hero, 1, 0, 0])), ['CM-B15', 'CM-D06', 'CM-D09']);
  t.strictSame(await check(pixels([hero, 0.9, prop, 0.8])), ['CM-B15', 'CM-D07']);
  t.strictSame(await check(pixels([hero, 0.2, prop, 0.8])), ['CM-B15', 'CM-D07']);
  t.strictSame(await check(pixels([pxr24Bits(hero), 1, pxr24Bits(prop), 0])), ['CM-B15', 'CM-D13']);
  t.strictSame(await check(pixels([(hero & 0xffffe000) >>> 0, 1, 0, 0])), ['CM-B15', 'CM-D12']);
  t.strictSame(await check(pixels([0, 0, 0, 0])), ['CM-B15']);
});

t.test('unnamed coverage is measured and placed', async (t) => {
  const [finding] = await validatePixels(changed({}), pixels([hero, 1, 0, 0], [0x12345678, 0.25, hero, 0.75]));
  t.match(finding, { rule: 'CM-D09', severity: 'warning', pixel: { x: 1, y: 0 }, set: 'CryptoObject' });
  t.match(finding?.message, '12.50 %');
});

t.test('sidecars are opened where it is safe', async (t) => {
  const header = (file: string) =>
    changed({ 'cryptomatte/3ae39a5/manif_file': file, 'cryptomatte/3ae39a5/manifest': undefined });
  const opened: string[] = [];
  const files = {
    image: 'shots/a.exr',
    readSidecar: async (image: string, name: string) => {
      const path = sidecarPath(image, name);
      opened.push(path);
      if (path.endsWith('gone.json')) throw new Error('no such file');
      const texts: Readonly<Record<string, string>> = { 'empty.json': '', 'no-names.json': '{}' };
      return encodeText(texts[name] ?? manifest);
    },
  };
  const good = await validateSidecars(header('a.json'), files);
  t.strictSame(good.findings, []);
  t.strictSame([...(good.names.values().next().value ?? [])].length, 4);
  for (const file of ['gone.json', 'empty.json']) {
    const { findings } = await validateSidecars(header(file), files);
    t.strictSame(ids(findings), ['CM-B12'], file);
  }
  t.strictSame((await validateSidecars(header('no-names.json'), files)).findings, [], 'nothing is in view');
  await validateSidecars(header('../../secret.json'), files);
  t.strictSame(opened, ['shots/a.json', 'shots/gone.json', 'shots/empty.json', 'shots/no-names.json']);
  const pixelFindings = await validatePixels(header('a.json'), pixels([0x12345678, 1, 0, 0]), { sidecars: good.names });
  t.ok(ids(pixelFindings).includes('CM-D09'));
});

t.test('changes over a sequence are reported once each', async (t) => {
  const check = new SequenceCheck();
  check.add('frame 1', changed({}));
  check.add('frame 2', changed({}));
  t.strictSame(validateSequence(check), []);
  const fewer = makeHeader(makePart(channels, setStrings('0000000', 'CryptoObject', manifest)));
  check.add('frame 3', fewer);
  check.add('frame 4', fewer);
  check.add('frame 5', makeHeader(makePart(channels)));
  const found = validateSequence(check);
  t.strictSame(ids(found), ['CM-A10']);
  t.match(found[0]?.message, 'key 0000000 and 1 rank layers (a b g r) instead of key 3ae39a5');
  t.match(found[0]?.message, 'in frame 3 and 1 more frames');
  t.match(found[1]?.message, 'is missing in frame 5');
});

t.test('no header makes a rule fail', async (t) => {
  const odd = makeHeader({ ...makePart([{ name: 'R' }]), attributes: new Attributes() });
  for (const target of [undefined, ...programs])
    t.strictSame(validateHeader(odd, { targets: target ? [target] : [] }), []);
});

t.test('of several targets the worst weight counts, and only what one of them minds is listed', async (t) => {
  const header = breakers['CM-A07'] as Header;
  const found = (...own: Program[]) =>
    validateHeader(header, { targets: own })
      .filter(({ rule }) => rule === 'CM-A07')
      .map(({ severity }) => severity);
  t.strictSame(found('nuke', 'blender'), []);
  t.strictSame(found('nuke', 'fusion'), ['error']);
  const nasty = breakers['CM-B08'] as Header;
  const severities = (...own: Program[]) =>
    validateHeader(nasty, { targets: own }).flatMap(({ rule, severity }) => (rule === 'CM-B08' ? severity : []));
  t.strictSame(severities('blender'), ['warning'], 'names typed as text work');
  t.strictSame(severities('blender', 'nuke'), ['error']);
});

t.test('a rule about names is an error for exactly the programs that do not see the Cryptomatte', async (t) => {
  for (const [rule, header] of Object.entries(breakers))
    for (const program of programs) {
      const fails = seenBy(header, program).some(
        (sighting) => !works(sighting) && sighting.problem?.code !== 'no-name',
      );
      const found = errors(validateHeader(header, { targets: [program] })).filter((id) => !otherReasons.test(id));
      if (fails && seenBy(header, program)[0]?.problem?.code !== 'colour-space')
        t.not(errors(validateHeader(header, { targets: [program] })).length, 0, `${rule} fails in ${program}`);
      else t.strictSame(found, [], `${rule} works in ${program}`);
    }
});

/** Rules about what a header alone does not show to programs: manifests, codecs, lost metadata. */
const otherReasons = /^CM-(?:A02|B|C10|C11|D0|D11|E03|F)/;

t.test('faults that misplaced metadata hides are reported at once', async (t) => {
  const parts = [
    makePart([{ name: 'R' }], {}, { name: 'rgba' }),
    makePart(channels, setStrings('3ae39a5', 'CryptoObject', manifest), { name: 'CryptoObject00', number: 1 }),
  ];
  t.strictSame(errors(validateHeader(makeHeader(...parts), { targets: ['fusion'] })), ['CM-E01', 'CM-E03']);
  t.strictSame(errors(validateHeader(makeHeader(...parts), { targets: ['arnold'] })), ['CM-E01', 'CM-E02']);
  const lost = [makePart([{ name: 'R' }], {}, { name: 'rgba' }), makePart(channels, {}, { name: 'x', number: 1 })];
  t.strictSame(errors(validateHeader(makeHeader(...lost), { targets: ['fusion'] })), ['CM-C11', 'CM-E03']);
  t.strictSame(errors(validateHeader(makeHeader(...lost), { targets: ['blender'] })), ['CM-C11', 'CM-E07']);
});

t.test('commands name what is in the file', async (t) => {
  const command = (rule: string) =>
    validateHeader(breakers[rule] as Header).find((finding) => finding.rule === rule)?.command;
  t.equal(command('CM-C01'), 'rename --map CryptoObject02=CryptoObject01');
  t.equal(command('CM-C02'), respeltCommand);
  t.equal(command('CM-C06'), 'rename --map shot.main.CryptoObject=shot_main.CryptoObject');
  t.equal(command('CM-C07'), 'rename --map Char2=Char2_');
  t.equal(command('CM-C08'), 'rename --map ids=ids_');
  t.equal(command('CM-C10'), "drop-attribute 'cryptomatte/1234567/*'");
  t.equal(command('CM-C15'), 'rename --map =beauty.Combined');
  t.equal(command('CM-A03'), "drop-attribute 'cryptomatte/*/extra'");
  t.equal(command('CM-G02'), 'drop-attribute FILE_NAME');
  t.equal(command('CM-E07'), 'drop-attribute name');
  t.equal(command('CM-D14'), 'set-attribute colorInteropID=data', 'a file of mattes alone');
  const beside = makeHeader(
    makePart([...channels, { name: 'R' }], {
      ...setStrings('1', 'CryptoObject', manifest),
      colorInteropID: 'lin_ap1_scene',
    }),
  );
  const [colour] = validateHeader(beside, { targets: ['blender'] }).filter(({ rule }) => rule === 'CM-D14');
  t.match(colour, { severity: 'warning', command: undefined, message: /Non-Color/ });
  for (const header of Object.values(breakers))
    for (const { severity, command: own } of validateHeader(header))
      if (severity !== 'info') t.notMatch(own ?? '', /\b(?:OLD|NEW|NAME|VIEW)\b/);
});

const respeltCommand =
  'rename --map CryptoObject01.A=CryptoObject01.a --map CryptoObject01.B=CryptoObject01.b --map CryptoObject01.G=CryptoObject01.g --map CryptoObject01.R=CryptoObject01.r';

t.test('ranks that only a render gives back have no command', async (t) => {
  const half = makeHeader(makePart(layer('CryptoObject00', 'rgba', 'half')));
  for (const { rule, command, fixedBy } of validateHeader(half))
    if (rule === 'CM-C11') t.match({ command, fixedBy }, { command: undefined, fixedBy: 'render' });
  const short = makeHeader(
    makePart(
      [...layer('CryptoObject00', 'rg'), ...layer('CryptoObject01', 'rgba')],
      setStrings('1', 'CryptoObject', manifest),
    ),
  );
  const found = validateHeader(short).find(({ rule }) => rule === 'CM-C01');
  t.match(found, { fixedBy: 'render', command: undefined });
});

t.test('names that are too long are cut, and stay apart', async (t) => {
  const long = 'long'.repeat(16);
  const sets = ['BG', 'FG'].map((end) => `${long}${end}.CryptoObject`);
  const part = makePart(
    sets.flatMap((name) => layer(`${name}00`, 'rgba')),
    Object.assign({}, ...sets.map((name, index) => setStrings(`111111${index}`, name, manifest))),
  );
  const found = validateHeader(makeHeader(part), { targets: ['blender'] }).filter(({ rule }) => rule === 'CM-C09');
  t.equal(found.length, 2);
  const [command = '', ...others] = new Set(found.map((one) => one.command));
  t.strictSame(others, [], 'one command for both');
  const given = [...command.matchAll(/=(\S+)/g)].map(([, name]) => name ?? '');
  t.equal(new Set(given).size, 2);
  for (const name of given) t.ok(name.length <= 55 && /^long.*\.CryptoObject/.test(name), name);
});

t.test('names of one view layer are cut to one, whatever kind follows', (t) => {
  const kinds = ['CryptoObject', 'CryptoMaterial', 'CryptoAsset'];
  const cut = kinds.map((kind) => shortName(`${'layer'.repeat(12)}.${kind}`, 63));
  t.strictSame(
    cut,
    kinds.map((kind) => `${'layer'.repeat(12).slice(0, 32)}.${kind}`),
  );
  t.end();
});
