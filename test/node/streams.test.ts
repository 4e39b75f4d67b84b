/** Filters as streams of documents. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import t from 'tap';
import { rename } from '../../filters/index.js';
import { readExrHeader } from '../../lib/node/read-header.js';
import { exrSink, exrSource } from '../../lib/node/streams.js';
import { fixturePath } from '../support.js';

const frame = fixturePath('blender/b1_direct_half.0001.exr');

t.test('without a filter a file is copied', async (t) => {
  const folder = t.testdir();
  await pipeline(exrSource(frame), exrSink(join(folder, 'copy.exr')));
  t.same(await readFile(join(folder, 'copy.exr')), await readFile(frame));
});

t.test('several files pass one after the other', async (t) => {
  const folder = t.testdir();
  const other = fixturePath('blender/b2_main_dot.0001.exr');
  await pipeline(exrSource([frame, other]), rename.stream({ addPrefix: 'x.' }), exrSink(join(folder, '{stem}.exr')));
  for (const name of ['b1_direct_half.exr', 'b2_main_dot.exr']) {
    const { parts } = await readExrHeader(join(folder, name));
    t.ok(
      parts.every(({ channels }) => channels.every((channel) => channel.name.startsWith('x.'))),
      name,
    );
  }
});

t.test('to a stream of bytes, and from one', async (t) => {
  const bytes = new PassThrough();
  const collected = (async () => {
    const pieces: Buffer[] = [];
    for await (const piece of bytes) pieces.push(piece as Buffer);
    return Buffer.concat(pieces);
  })();
  const input = new PassThrough();
  input.end(await readFile(frame));
  await pipeline(exrSource(input), exrSink(bytes));
  t.same(await collected, await readFile(frame));
});
