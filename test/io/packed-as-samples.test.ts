/** Chunks that the C library of OpenEXR 3.4 stored packed where it meant to store samples. */
import t from 'tap';
import { validateChunks } from '../../lib/cryptomatte/validate.js';
import { fileState } from '../../lib/format/file-state.js';
import { openExr } from '../../lib/index.js';
import { findPackedAsSamples } from '../../lib/io/packed-as-samples.js';
import { fixturePath } from '../support.js';

t.test('they are found', async (t) => {
  // 65 x 33 pixels of half: of two chunks the last is a single line, which does not become smaller.
  const { header, source } = await openExr(fixturePath('htj2k/core_writer_fault.htj2k32.exr'));
  t.teardown(() => source.close());
  const packedAsSamples = await findPackedAsSamples(header, source);
  t.strictSame(packedAsSamples, [{ part: 0, index: 1 }]);
  const findings = validateChunks(header, { ...fileState(header, source), packedAsSamples });
  t.strictSame(
    findings.map(({ rule, severity, part }) => ({ rule, severity, part })),
    [{ rule: 'CM-F07', severity: 'error', part: 0 }],
  );
  t.match(findings[0]?.message, /in chunk 1 of part 0/);
  t.strictSame(validateChunks(header, fileState(header, source)), [], 'nobody has looked');
});

t.test('samples that begin with the letters of HTJ2K are none', async (t) => {
  const { header, source } = await openExr(fixturePath('htj2k/core_writer_fault.htj2k32.exr'));
  t.teardown(() => source.close());
  const chunk = { part: 0, index: 1 };
  const payload = await source.read(chunk);
  const start = Buffer.from(payload).indexOf('ff4fff51', 0, 'hex');
  t.ok(start > 6);
  for (const at of [0, 1, 2, 5, start, start + 3]) {
    const changed = payload.slice();
    changed[at] = (changed[at] as number) ^ 1;
    const other = { ...source, order: [chunk], space: () => changed.length, read: async () => changed };
    t.strictSame(await findPackedAsSamples(header, { ...other, random: true }), [], `byte ${at}`);
  }
});
