/** Images at a lower resolution. */
import t from 'tap';
import type { ChunkSource } from '../../lib/engine/document.js';
import { type ExrDocument, openExr, readReduced, readSamples } from '../../lib/index.js';
import type { Part } from '../../lib/model/header.js';
import { openInput } from '../../lib/node/pipeline.js';
import { fixture, fixturePath, inPieces } from '../support.js';

const path = fixturePath('htj2k/mixed.htj2k32.exr');

async function blocksOf(document: ExrDocument, names: readonly string[], reduction: number) {
  const blocks = [];
  for await (const block of readReduced(document, document.header.parts[0] as Part, names, { reduction }))
    blocks.push(block);
  return blocks;
}

t.test('it shows what full resolution does, from a part of the bytes', async (t) => {
  const document = await openExr(path);
  const { source } = document;
  let bytes = 0;
  let whole = 0;
  const counted: ChunkSource = {
    order: source.order,
    missing: source.missing,
    table: source.table,
    closed: source.closed,
    random: source.random,
    ahead: source.ahead,
    space: (chunk) => source.space(chunk),
    read: (chunk) => {
      whole += 1;
      return source.read(chunk);
    },
    head: async (chunk, length) => {
      const head = await source.head(chunk, length);
      bytes += head.length;
      return head;
    },
    pieces: (chunk) => source.pieces(chunk),
    peek: (chunks) => source.peek(chunks),
    makeRandom: () => source.makeRandom(),
    close: () => source.close(),
  };
  const counting = { ...document, source: counted };
  const blocks = await blocksOf(counting, ['R', 'Z'], 3);
  t.strictSame(
    blocks.map(({ region }) => [region.y, region.height]),
    [
      [0, 32],
      [32, 5],
    ],
  );
  const sizes = blocks.map(({ planes }) => planes.map(({ width, height, samples }) => [width, height, samples.length]));
  t.strictSame(sizes, [
    [
      [7, 4, 28],
      [7, 4, 28],
    ],
    [
      [7, 1, 7],
      [7, 1, 7],
    ],
  ]);
  t.equal(whole, 0);
  t.ok(bytes < 6000, `${bytes} of 14,000 bytes`);
  // The image is smooth enough for a sample to be near what is averaged.
  const full: number[] = [];
  for await (const { samples } of readSamples(document, document.header.parts[0] as Part, ['R']))
    full.push(...(samples[0] ?? []));
  const mean = (values: Iterable<number>) => {
    const list = [...values];
    return list.reduce((sum, value) => sum + value, 0) / list.length;
  };
  const reduced = mean(blocks.flatMap(({ planes }) => [...(planes[0]?.samples ?? [])]));
  t.ok(Math.abs(reduced - mean(full)) < 0.2 * Math.abs(mean(full)), `${reduced} on average, ${mean(full)} in full`);
  await source.close();
});

t.test('a pipe gives the same', async (t) => {
  const file = await openExr(path);
  const pipe = await openInput(inPieces(fixture('htj2k/mixed.htj2k32.exr'), 1000));
  t.strictSame(await blocksOf(pipe, ['G'], 2), await blocksOf(file, ['G'], 2));
  await file.source.close();
  await pipe.source.close();
});

t.test('what must not or cannot be averaged is refused', async (t) => {
  const document = await openExr(path);
  await t.rejects(blocksOf(document, ['id'], 1), { kind: 'usage', code: 'NOT_TO_BE_AVERAGED' });
  await t.rejects(blocksOf(document, ['none'], 1), { kind: 'usage', code: 'NO_SUCH_CHANNEL' });
  await t.rejects(blocksOf(document, ['R'], 6), {
    kind: 'unsupported',
    code: 'unsupported',
    where: { part: 0, chunk: 0 },
  });
  await document.source.close();
  const zip = await openExr(fixturePath('htj2k/mixed.zip.exr'));
  await t.rejects(blocksOf(zip, ['R'], 1), { kind: 'unsupported', code: 'NO_LOW_RESOLUTION' });
  await zip.source.close();
});
