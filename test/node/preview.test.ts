/** `exrpipe/look`: images and digests without the command line. */
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { openExr, readExrHeader, writeDocument } from '../../lib/index.js';
import {
  channelDigests,
  formatDigests,
  lookOfLayer,
  looksOf,
  makePreview,
  previewAttribute,
  withPreview,
  writePreview,
} from '../../lib/look.js';
import { temporaryFolder } from '../support.js';

const frame = fileURLToPath(new URL('../../../test/fixtures/blender/b2_main_dot.0001.exr', import.meta.url));
const program = fileURLToPath(new URL('../../bin/exrpipe.js', import.meta.url));

async function png(look?: string): Promise<Buffer> {
  const document = await openExr(frame);
  try {
    const chosen = look === undefined ? undefined : lookOfLayer(document.header, look);
    const preview = await makePreview(document, chosen, { size: { width: 48, height: 48 } });
    const pieces: Uint8Array[] = [];
    await writePreview(preview, { write: async (bytes) => void pieces.push(bytes.slice()) });
    return Buffer.concat(pieces);
  } finally {
    await document.source.close();
  }
}

/** Chunks of a PNG without the text that the command line adds. */
function withoutText(bytes: Buffer): string[] {
  const chunks: string[] = [];
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const chunk = bytes.subarray(at, at + 12 + length);
    if (!/^[it]..t$/i.test(chunk.toString('latin1', 4, 8))) chunks.push(chunk.toString('base64'));
    at += 12 + length;
  }
  return chunks;
}

t.test('what the library draws is what the command line draws', async (t) => {
  const folder = await temporaryFolder(t);
  const { header } = await openExr(frame);
  const ids = looksOf(header).find(({ kind }) => kind === 'ids')?.layer ?? '';
  for (const layer of [undefined, ids]) {
    const file = join(folder, 'out.png');
    const words = layer === undefined ? [] : ['--layer', layer];
    execFileSync(process.execPath, [program, 'preview', frame, '--size', '48x48', ...words, '-o', file]);
    t.same(withoutText(await png(layer)), withoutText(await readFile(file)), layer ?? 'the beauty');
  }
  const document = await openExr(frame);
  const printed = execFileSync(process.execPath, [program, 'checksum', frame], { encoding: 'utf8' });
  t.equal(formatDigests(await channelDigests(document)), printed);
  await document.source.close();
});

t.test('a preview for the header', async (t) => {
  const folder = await temporaryFolder(t);
  const document = await openExr(frame);
  const options = { size: { width: 32, height: 32 } };
  await t.rejects(withPreview(document.header, await makePreview(document, undefined, options)), {
    code: 'PREVIEW_SIZE',
    message: /alpha/,
  });
  const preview = await makePreview(document, undefined, { ...options, background: 'none' });
  const header = await withPreview(document.header, preview);
  const file = join(folder, 'with.exr');
  await writeDocument({ ...document, header }, file);
  const [part] = (await readExrHeader(file)).parts;
  t.equal(part?.attributes.get(previewAttribute)?.value.length, 8 + 4 * preview.columns * preview.rows);
  const other = join(folder, 'cli.exr');
  execFileSync(process.execPath, [program, 'preview', '--embed', frame, '--size', '32x32', '-o', other]);
  const [expected] = (await readExrHeader(other)).parts;
  t.same(part?.attributes.get(previewAttribute), expected?.attributes.get(previewAttribute));
  const empty = { columns: 2000, rows: 1, channels: 4, lines: preview.lines } as const;
  await t.rejects(withPreview(document.header, empty), { code: 'PREVIEW_SIZE', message: /1024/ });
});
