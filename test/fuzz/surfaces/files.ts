/** Whole files, of which the leaders of chunks, the offset tables, or anything is changed: read, and written in several ways. */

import { codecOf } from '../../../lib/codecs/table.js';
import { type ExrDocument, isDeep, isExrError, writeDocument } from '../../../lib/index.js';
import { openBytes, openStream } from '../../../lib/io/open.js';
import { openSpool } from '../../../lib/node/spool.js';
import { memorySink } from '../../support.js';
import { bordersOf, exrSeeds, inPieces, MemoryBytes, runner } from '../files.js';
import type { Span } from '../mutate.js';
import { Finding, type Seed, type Surface } from '../surface.js';

type Spans = (bytes: Uint8Array, borders: { header: number; tables: number }) => readonly Span[];

/** Files with their chunks where the spans say. */
function seeds(spans: Spans): Seed[] {
  return exrSeeds().flatMap((seed) => {
    const borders = bordersOf(seed.bytes);
    return borders ? [{ ...seed, spans: spans(seed.bytes, borders) }] : [];
  });
}

/** The first bytes of every chunk, found by the table. */
const leaders: Spans = (bytes, { header, tables }) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: Span[] = [];
  for (let at = header; at + 8 <= tables; at += 8) {
    const offset = Number(view.getBigUint64(at, true));
    if (offset > 0 && offset < bytes.length) found.push([offset, Math.min(bytes.length, offset + 48)]);
  }
  return found.length > 0 ? found : [[tables, bytes.length]];
};

export function leaderSurface(): Surface {
  return {
    name: 'leaders',
    seeds: seeds(leaders),
    async run(bytes) {
      await readBoth(bytes, (document) => rewrite(document, 'same'));
    },
  };
}

export function tableSurface(): Surface {
  return {
    name: 'tables',
    seeds: seeds((_, { header, tables }) => [[header, tables]]),
    async run(bytes) {
      await readBoth(bytes, (document) => rewrite(document, 'same'));
    },
  };
}

export function fileSurface(): Surface {
  return {
    name: 'files',
    seeds: exrSeeds(),
    async run(bytes) {
      const ways = ['same', 'zips', 'fewer'] as const;
      const way = ways[(bytes.length + (bytes.at(-1) ?? 0)) % ways.length] as (typeof ways)[number];
      await readBoth(bytes, (document) => rewrite(document, way));
    },
  };
}

/** By position and by pipe, with and without holes. Where both ways read the file they must agree. */
async function readBoth(bytes: Uint8Array, write: (document: ExrDocument) => Promise<Uint8Array>): Promise<void> {
  const ways = [
    () => openBytes(new MemoryBytes(bytes), 'fuzz.exr'),
    () => openStream(inPieces(bytes), openSpool),
    () => openBytes(new MemoryBytes(bytes), 'fuzz.exr', { holes: true }),
  ];
  let last: unknown;
  let results = 0;
  for (const open of ways)
    try {
      const out = await write(await open());
      await readsAgain(out);
      results++;
    } catch (error) {
      if (!isExrError(error)) throw error;
      // Its causes are looked at by whoever gets it.
      last = error;
      if (hasFault(error)) throw error;
    }
  if (results === 0) throw last;
}

function hasFault(error: Error): boolean {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause)
    if (['TypeError', 'RangeError', 'ReferenceError'].includes(cause.name)) return true;
  return false;
}

/** Written without an error, so it must be a file. */
async function readsAgain(bytes: Uint8Array): Promise<void> {
  try {
    const { source } = await openBytes(new MemoryBytes(bytes), 'again.exr');
    await source.close();
  } catch (error) {
    throw new Finding('a file that was written cannot be opened', { cause: error });
  }
}

async function rewrite(document: ExrDocument, way: 'same' | 'zips' | 'fewer'): Promise<Uint8Array> {
  const sink = memorySink();
  const parts = document.header.parts.map((part) => {
    if (codecOf(part.compression).decode === undefined && !isDeep(part)) return part;
    if (way === 'zips') return { ...part, compression: 'zips' as const };
    if (way === 'fewer' && part.channels.length > 1) return { ...part, channels: part.channels.slice(1) };
    return part;
  });
  const header = way === 'same' ? document.header : { ...document.header, parts };
  await writeDocument({ ...document, header }, sink, { runner, allowLossy: true, memory: 1 << 20 });
  return sink.bytes();
}
