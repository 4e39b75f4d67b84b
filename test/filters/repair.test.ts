import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { injectManifest } from '../../filters/inject-manifest.js';
import { merge } from '../../filters/merge.js';
import { repair } from '../../filters/repair.js';
import { split } from '../../filters/split.js';
import { nameBits, nameHash } from '../../lib/cryptomatte/hash.js';
import { formatManifest, readManifest } from '../../lib/cryptomatte/manifest.js';
import { repairHeader } from '../../lib/cryptomatte/repair.js';
import { cryptomatteRules, validateHeader, validatePixels, validateSidecars } from '../../lib/cryptomatte/validate.js';
import { parseHeader } from '../../lib/format/header-parser.js';
import {
  type FilterStep,
  type Header,
  type Notice,
  openExr,
  readExrHeader,
  readSidecar,
  runFrame,
} from '../../lib/index.js';
import { placeSideFiles } from '../../lib/io/side-files.js';
import { headerSets } from '../../lib/layers/sets.js';
import { decodeText } from '../../lib/model/text.js';
import { filterContext } from '../../lib/node/pipeline.js';
import { StreamSink } from '../../lib/node/stream-sink.js';
import { breakers, changed, channels, manifest, withManifest } from '../cryptomatte/breakers.js';
import { fixtureHeader, layer, makeHeader, makePart, setStrings, single } from '../cryptomatte/fixtures.js';
import { failure } from './support.js';

const fixtures = fileURLToPath(new URL('../../../test/fixtures/blender/', import.meta.url));

function repaired(header: Header, options: Parameters<typeof repairHeader>[2] = {}) {
  const codes: string[] = [];
  const report = { warn: (code: string) => codes.push(code), note: (code: string) => codes.push(code) };
  return { header: repairHeader(header, report, options), codes };
}

/** Runs steps on a real frame and checks the result with the linter, pixels and all. */
async function run(t: Test, input: string, ...steps: FilterStep[]) {
  const output = join(t.testdir(), 'out.exr');
  const notices: Notice[] = [];
  await runFrame([input], steps, output, { onNotice: (notice) => notices.push(notice) });
  const document = await openExr(output);
  const { samples } = filterContext(document, {});
  const findings = [...validateHeader(document.header), ...(await validatePixels(document.header, samples))];
  await document.source.close();
  return {
    header: document.header,
    codes: notices.map(({ code }) => code),
    errors: findings.filter(({ severity }) => severity === 'error').map(({ rule, message }) => `${rule} ${message}`),
  };
}

t.test('repair fixes what the linter promises', async (t) => {
  const repairable = cryptomatteRules.filter(({ command }) => command === 'repair').map(({ id }) => id);
  // CM-A12 and CM-F05 are the writer's to repair, CM-D02 and CM-D13 need pixels, CM-B02 lost all there was.
  const elsewhere = new Set(['CM-A12', 'CM-F05', 'CM-D02', 'CM-D13', 'CM-B02']);
  for (const rule of repairable.filter((id) => !elsewhere.has(id))) {
    // Metadata that no pixels were looked for is dropped only when that is asked for.
    const { header, codes } = repaired(breakers[rule] as Header, { dropDangling: true });
    const left = validateHeader(header).filter((finding) => finding.rule === rule);
    t.strictSame(left, [], `${rule} after ${codes}`);
    t.ok(codes.length > 0, `${rule} is reported`);
  }
});

t.test('repairing twice changes nothing more', async (t) => {
  for (const [rule, broken] of Object.entries(breakers)) {
    const once = repaired(broken).header;
    const { header, codes } = repaired(once);
    t.strictSame(
      codes.filter((code) => !['NAMES_MISSING', 'NO_NAME', 'DANGLING'].includes(code)),
      [],
      rule,
    );
    t.equal(header, once, rule);
  }
});

t.test('sound files stay as they are', async (t) => {
  for (const file of ['b2_main_dot.0001.exr', 'panel_levels2.0001.exr', 'headers/panel_f32_zip.header']) {
    const before = fixtureHeader(`blender/${file}`);
    t.strictSame(repaired(before), { header: before, codes: [] }, file);
  }
});

t.test('a manifest of any text: repairing twice is repairing once, and leaves strict JSON', async (t) => {
  const piece = fc.constantFrom(
    ...[
      ...'":,{}\\ []ax0',
      'a',
      '(null)',
      '00000000',
      '"a":"00f00001"',
      '"a":"1"',
      '"b":null',
      '"b":{',
      '\\u6728',
      '\udc83',
      '\udce4',
      '\n',
      '\ufeff',
      '"obj45":"00734d5c"',
    ],
  );
  const text = fc.array(piece, { maxLength: 12 }).map((list) => list.join(''));
  fc.assert(
    fc.property(
      fc.oneof(
        text,
        text.map((inner) => `{${inner}}`),
      ),
      (manifest) => {
        const { header: once } = repaired(withManifest(manifest));
        const bytes = single(headerSets(once)).manifest ?? new Uint8Array();
        JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
        t.strictSame(repaired(once), { header: once, codes: [] });
      },
    ),
    { examples: [['"a":"00f00001"}'], ['{"a":"00f00001" "obj45":"00734d5c"}']] },
  );
});

t.test('names that cannot stay as they are stay as well as they can, with a warning', async (t) => {
  const repairedText = (text: string) => {
    const { header, codes } = repaired(withManifest(text));
    return {
      codes,
      names: Object.fromEntries(readManifest(single(headerSets(header)).manifest ?? new Uint8Array()).names),
    };
  };
  const torus = nameBits('torus');
  t.strictSame(repairedText('{"(null)":"00000000","torus":"f19c73fd"}'), {
    codes: ['REPAIRED_MANIFEST'],
    names: { torus },
  });
  t.strictSame(repairedText('{"(null)":"00000000"}'), { codes: ['REPAIRED_MANIFEST'], names: {} });
  t.strictSame(repairedText('{"torus":4053562365}'), { codes: ['REPAIRED_MANIFEST'], names: { torus } });
  t.strictSame(repairedText('{"torus":"F19C73FD"}'), { codes: ['REPAIRED_MANIFEST'], names: { torus } });
  t.strictSame(repairedText('{"torus":"what"}'), {
    codes: ['REPAIRED_MANIFEST', 'VALUES_UNREADABLE'],
    names: { torus },
  });
  t.strictSame(repairedText('{"torus":"f19c73fd","torus":"12345678"}'), {
    codes: ['REPAIRED_MANIFEST', 'NAME_HAS_SEVERAL_IDS'],
    names: { torus, 'torus (12345678)': 0x12345678 },
  });
  t.strictSame(repairedText('{"torus\udce4":"12345678"}'), {
    codes: ['REPAIRED_MANIFEST', 'NAMES_NOT_UTF8'],
    names: { torusä: 0x12345678 },
  });
  t.strictSame(repairedText('{"torus":"f19c73fd","bun'), {
    codes: ['REPAIRED_MANIFEST', 'NAMES_MISSING'],
    names: { torus },
  });
  t.strictSame(
    repairedText('{"torus":"12345678"}'),
    { codes: [], names: { torus: 0x12345678 } },
    'the pixels may have it',
  );
});

t.test('values of the wrong type: text is kept, other things go', async (t) => {
  const part = single(changed({}).parts);
  const odd = {
    ...part,
    attributes: part.attributes
      .with('cryptomatte/3ae39a5/hash', { type: 'stringvector', value: Uint8Array.from([1, 0, 0, 0, 120]) })
      .with('cryptomatte/3ae39a5/conversion', { type: 'int', value: new Uint8Array(4) }),
  };
  const { header, codes } = repaired(makeHeader(odd));
  t.strictSame(codes, ['REPAIRED_TYPE', 'REPAIRED_TYPE', 'UNKNOWN_ALGORITHM', 'FILLED_IN']);
  t.equal(single(headerSets(header)).conversion, 'uint32_to_float32');
});

t.test('a lost name is found again by its key, or where only one can be meant', async (t) => {
  const nameless = { ...setStrings('3ae39a5', 'CryptoObject', manifest) };
  delete nameless['cryptomatte/3ae39a5/name'];
  const two = makeHeader(makePart([...channels, ...layer('CryptoMaterial00', 'rgba')], nameless));
  t.ok(headerSets(repaired(two).header).some(({ name, key }) => name === 'CryptoObject' && key === '3ae39a5'));
  const other = Object.fromEntries(
    Object.entries(nameless).map(([key, value]) => [key.replace('3ae39a5', '1111111'), value]),
  );
  t.equal(single(headerSets(repaired(makeHeader(makePart(channels, other))).header)).name, 'CryptoObject');
  t.ok(
    repaired(makeHeader(makePart([...channels, ...layer('CryptoMaterial00', 'rgba')], other))).codes.includes(
      'NO_NAME',
    ),
  );
});

t.test('metadata follows the spelling of the channels', async (t) => {
  const { header, codes } = repaired(
    makeHeader(makePart(layer('main_CryptoObject00', 'rgba'), setStrings('a3346d2', 'main.CryptoObject', manifest))),
  );
  t.strictSame(codes, ['RENAMED_SET']);
  t.match(single(headerSets(header)), { name: 'main_CryptoObject', key: 'a3346d2', fit: 'exact' });
});

t.test('duplicates that contradict each other are left alone', async (t) => {
  const { codes, header } = repaired(changed({ ...setStrings('7654321', 'CryptoObject', '{"Hero":"00000001"}') }));
  t.ok(codes.includes('TWINS_DISAGREE'));
  t.equal(headerSets(header).length, 2);
});

t.test('keys are recomputed on demand', async (t) => {
  const renamed = makeHeader(makePart(channels, setStrings('1234567', 'CryptoObject', manifest)));
  t.strictSame(repaired(renamed).codes, []);
  t.equal(single(headerSets(repaired(renamed, { rekey: true }).header)).key, '3ae39a5');
});

t.test('the manifests of Cycles with hostile names become JSON', async (t) => {
  const { errors, codes, header } = await run(t, join(fixtures, 'b5_direct_nasty_FG_elements.0001.exr'), repair({}));
  t.strictSame(errors, []);
  t.strictSame(codes, ['REPAIRED_MANIFEST', 'REPAIRED_MANIFEST']);
  const set = headerSets(header).find(({ name }) => name === 'main.CryptoObject');
  const parsed: unknown = JSON.parse(decodeText(set?.manifest ?? new Uint8Array()));
  t.match(parsed, { 'Quote"d "Thing"': '29a086c3', 'Back\\slash': '8fab1600', 'new\nline': 'e2627d6a' });
});

t.test('IDs rounded by PXR24 are restored to the bit', async (t) => {
  const { errors, header, codes } = await run(t, join(fixtures, 'b1_direct_pxr24.0001.exr'), repair({}));
  t.strictSame(errors, []);
  t.strictSame(codes, Array(3).fill('RESTORED_IDS'));
  t.equal(single(header.parts).compression, 'zip');
});

t.test('names first, then the IDs they determine', async (t) => {
  const bare = makeHeader(makePart(channels, setStrings('3ae39a5', 'CryptoObject', '{}')));
  t.strictSame(repaired(bare).codes, []);
  const donor = join(fixtures, 'headers/panel_f32_zip.header');
  const { errors } = await run(
    t,
    join(fixtures, 'b1_direct_pxr24.0001.exr'),
    injectManifest({ from: [donor], replace: true }),
    repair({}),
  );
  t.strictSame(errors, []);
});

t.test('destroyed IDs are refused', async (t) => {
  await t.rejects(run(t, join(fixtures, 'b1_direct_half.0001.exr'), repair({})), {
    code: 'IDS_DESTROYED',
    kind: 'invalid',
  });
  const step = repair({});
  const dwa = makeHeader(
    makePart(layer('CryptoObject00', 'RGBA'), setStrings('3ae39a5', 'CryptoObject', '{}'), { compression: 'dwaa' }),
  );
  t.equal((await failure(step, dwa)).code, 'IDS_DESTROYED');
});

t.test('sidecars are embedded', async (t) => {
  const odd = Array.from({ length: 2000 }, (_, number) => `tree.${number}`).find(
    (name) => nameBits(name) !== nameHash(name),
  );
  if (odd === undefined) throw new Error('one name in 128 has a hash that no pixel has');
  const names = new Map([
    ['Sidekick', nameBits('Sidekick')],
    [odd, nameBits(odd)],
  ]);
  const plain = new Map([...names.keys()].map((name) => [name, nameHash(name)]));
  const folder = t.testdir({ 'a.json': decodeText(formatManifest(plain)) });
  const source = await readFile(join(fixtures, 'b2_main_dot.0001.exr'));
  await writeFile(join(folder, 'in.exr'), source);
  const parsed = parseHeader(source).header;
  const part = single(parsed.parts);
  const attributes = part.attributes
    .without('cryptomatte/a3346d2/manifest')
    .with('cryptomatte/a3346d2/manif_file', { type: 'string', value: new TextEncoder().encode('a.json') });
  const document = await openExr(join(folder, 'in.exr'));
  const context = filterContext(document, {});
  const result = await repair({ embed: true }).header({ ...parsed, parts: [{ ...part, attributes }] }, context);
  await document.source.close();
  const set = headerSets(result).find(({ key }) => key === 'a3346d2');
  t.equal(set?.manifestFile, undefined);
  t.strictSame(readManifest(set?.manifest ?? new Uint8Array()).names, names);
  const piped = { ...context, inputs: [{ path: undefined, stem: 'stdin', frame: undefined, parts: [0] }] };
  await t.rejects(repair({ embed: true }).header({ ...parsed, parts: [{ ...part, attributes }] }, piped), {
    code: 'NO_PATH',
  });
});

/** What the linter says about a file and the sidecars beside it. */
async function errorsOf(path: string): Promise<string[]> {
  const header = await readExrHeader(path);
  const sidecars = await validateSidecars(header, { image: path, readSidecar });
  const findings = [...validateHeader(header), ...sidecars.findings];
  return findings.filter(({ severity }) => severity === 'error').map(({ rule }) => rule);
}

function namesOf(header: Header): Map<string, string[]> {
  return new Map(
    headerSets(header).map(({ name = '', manifest }) => [
      name,
      manifest ? [...readManifest(manifest).names.keys()].sort() : [],
    ]),
  );
}

t.test('--sidecar-out: names go beside the image, and come back', async (t) => {
  const input = join(fixtures, 'b2_main_dot.0001.exr');
  const folder = t.testdir();
  const output = join(folder, 'out', 'hero.0001.exr');
  await runFrame([input], [repair({ sidecarOut: '{stem}.{layer}.{frame}.json' })], output);
  t.strictSame((await readdir(join(folder, 'out'))).sort(), [
    'b2_main_dot.main.CryptoAsset.0001.json',
    'b2_main_dot.main.CryptoMaterial.0001.json',
    'b2_main_dot.main.CryptoObject.0001.json',
    'hero.0001.exr',
  ]);
  const moved = headerSets(await readExrHeader(output));
  t.ok(moved.every(({ manifest, manifestFile, fit }) => !manifest && manifestFile !== undefined && fit === 'exact'));
  t.strictSame(await errorsOf(output), []);
  const back = join(folder, 'out', 'back.exr');
  await runFrame([output], [repair({ embed: true })], back);
  t.strictSame(namesOf(await readExrHeader(back)), namesOf(await readExrHeader(input)));
  // From one pattern to another.
  await runFrame([output], [repair({ embed: true, sidecarOut: 'names/{layer}.json' })], join(folder, 'out', 'new.exr'));
  t.equal((await readdir(join(folder, 'out', 'names'))).length, 3);
  t.strictSame(await errorsOf(join(folder, 'out', 'new.exr')), []);
});

t.test('--sidecar-out with several inputs and outputs', async (t) => {
  const input = join(fixtures, 'b2_main_dot.0001.exr');
  const folder = t.testdir();
  const out = repair({ sidecarOut: '{layer}.json' });
  const { files } = await runFrame([input], [out, split({ by: 'layer' })], join(folder, '{layer}', 'x.exr'));
  for (const file of files) t.strictSame(await errorsOf(file), [], file);
  t.strictSame(await readdir(join(folder, 'main.CryptoObject')), ['main.CryptoObject.json', 'x.exr']);
  t.strictSame(await readdir(join(folder, 'main.Depth')), ['x.exr'], 'nothing beside images without Cryptomattes');

  // A frame of the same scene: its manifests are the same, and one file is enough for both.
  const other = join(fixtures, 'b5_direct_Chars.0001.exr');
  const both = join(folder, 'both', 'x.exr');
  await runFrame([input, other], [out, merge({ name: '{stem}' })], both);
  t.equal((await readdir(join(folder, 'both'))).length, 1 + 3);
  t.equal(headerSets(await readExrHeader(both)).length, 6);
  t.strictSame(await errorsOf(both), []);

  const document = await openExr(input);
  const header = await out.header(document.header, filterContext(document, {}));
  await document.source.close();
  const [first] = header.sideFiles ?? [];
  if (!first) throw new Error('there are sidecars');
  const twice = { ...header, sideFiles: [first, { ...first, bytes: new TextEncoder().encode('{}') }] };
  t.throws(() => placeSideFiles([{ path: 'x.exr', header: twice }]), { code: 'SIDECAR_TWICE' });
});

t.test('--sidecar-out leaves nothing behind when it cannot be done', async (t) => {
  const input = join(fixtures, 'b2_main_dot.0001.exr');
  const step = repair({ sidecarOut: '{layer}.json' });
  await t.rejects(runFrame([input], [step], new StreamSink(new PassThrough(), 'pipe')), { code: 'NO_SIDECAR_PLACE' });
  await t.rejects(runFrame([input], [step], '/dev/null'), { code: 'NO_SIDECAR_PLACE' });
  await t.rejects(runFrame([input], [repair({ sidecarOut: 'all.json' })], 'x.exr'), { code: 'SIDECAR_TWICE' });
  t.throws(() => repair({ sidecarOut: 'names.txt' }), { code: 'BAD_SIDECAR_NAME' });
  const folder = t.testdir({ 'main.CryptoObject.json': {} });
  await t.rejects(runFrame([input], [step], join(folder, 'x.exr')), { code: 'IS_FOLDER' });
  t.notOk((await readdir(folder)).some((name) => name.endsWith('.exr') || name.startsWith('.')));
  const unnamed = join(fixtures, 'b3_lost_sepcomb.0001.exr');
  const { codes } = await run(t, unnamed, step);
  t.ok(codes.includes('NO_NAMES'));
});
