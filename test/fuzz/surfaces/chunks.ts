/** Packed chunks: decoded, spliced, and deep ones unpacked and packed again. */
import { readdirSync } from 'node:fs';
import { createCodecs } from 'openexr-wasm';
import type { Kernels } from '../../../lib/codecs/codec.js';
import { codecs, deepCodecs } from '../../../lib/codecs/table.js';
import { blockLength } from '../../../lib/format/block-length.js';
import { Geometry, type Region } from '../../../lib/format/geometry.js';
import { type Compression, isDeep, openExr, type Part } from '../../../lib/index.js';
import { runDeep } from '../../../lib/jobs/deep.js';
import type { JobSource, JobTarget } from '../../../lib/jobs/job.js';
import { JobMemory } from '../../../lib/jobs/job-memory.js';
import { chunkLayout } from '../../../lib/jobs/planes.js';
import { runSplice } from '../../../lib/jobs/splice.js';
import { fixturePath, referenceFiles } from '../../support.js';
import { Finding, type Seed, type Surface } from '../surface.js';

interface Chunk extends Seed {
  readonly part: Part;
  readonly region: Region;
}

/** Files of the reference library, of whatever version. */
function seedFiles(): string[] {
  const newer = ['htj2k', 'lj2k', 'zstd'].flatMap((folder) =>
    readdirSync(fixturePath(folder)).flatMap((name) =>
      name.endsWith('.exr') && !name.endsWith('.zip.exr') ? `${folder}/${name}` : [],
    ),
  );
  return [...referenceFiles().map((name) => `reference/${name}`), ...newer.toSorted()];
}

/** Some chunks of each part of these files. */
async function chunksOf(wanted: (part: Part) => boolean): Promise<Chunk[]> {
  const found: Chunk[] = [];
  for (const name of seedFiles()) {
    const { header, source } = await openExr(fixturePath(name));
    for (const [number, part] of header.parts.entries()) {
      if (!wanted(part)) continue;
      const geometry = new Geometry(part);
      for (let index = 0; index < geometry.chunkCount; index += Math.max(1, Math.floor(geometry.chunkCount / 3)))
        found.push({
          name: `${name} ${number} ${index}`,
          bytes: await source.read({ part: number, index }),
          part,
          region: geometry.region(index),
        });
    }
    await source.close();
  }
  return found;
}

/** Chunks of every codec: those of the reference library, re-encoded where it has too few. */
async function packed(compression: Compression, kernels: Kernels): Promise<Chunk[]> {
  const own = await chunksOf((part) => !isDeep(part) && part.compression === compression);
  const { decode, encode } = codecs.find(({ name }) => name === compression) ?? {};
  const others = await chunksOf((part) => !isDeep(part) && ['zip', 'piz', 'zips'].includes(part.compression));
  const again = others.slice(0, 8).flatMap((chunk): Chunk[] => {
    const { part, region, bytes } = chunk;
    const source = codecs.find(({ name }) => name === part.compression)?.decode;
    if (!source || !encode || !decode) return [];
    const layout = chunkLayout(part.channels, region);
    const all = part.channels.map((_, number) => number);
    return [{ ...chunk, bytes: encode(kernels, layout, source(kernels, layout, bytes, all), {}) }];
  });
  return [...own, ...again];
}

export async function codecSurfaces(): Promise<Surface[]> {
  const kernels = await createCodecs();
  const surfaces: Surface[] = [];
  for (const { name, decode, encode } of codecs) {
    if (!decode) continue;
    const chunks = await packed(name, kernels);
    surfaces.push({
      name: `codec-${name}`,
      seeds: chunks,
      run(bytes, seed) {
        const { part, region } = chunks[seed] as Chunk;
        const layout = chunkLayout(part.channels, region);
        const all = part.channels.map((_, number) => number);
        const planar = decode(kernels, layout, bytes, all);
        const size = blockLength(part.channels, region);
        if (planar.length !== size) throw new Finding(`${planar.length} bytes of samples, not ${size}`);
        const again = encode?.(kernels, layout, planar, {});
        if (again && again.length > size)
          throw new Finding(`a chunk grows to ${again.length} bytes, more than ${size}`);
        if (again) decode(kernels, layout, again, [0]);
      },
    });
  }
  return surfaces;
}

export async function spliceSurface(): Promise<Surface> {
  const kernels = await createCodecs();
  const chunks: Chunk[] = [];
  for (const { name, splice } of codecs) if (splice) chunks.push(...(await packed(name, kernels)));
  return {
    name: 'splice',
    seeds: chunks,
    run(bytes, seed) {
      const { part, region } = chunks[seed] as Chunk;
      const source: JobSource = { part: { part: 0, compression: part.compression, planes: part.channels }, region };
      const half = Math.ceil(part.channels.length / 2);
      const targets = [part.channels.slice(0, half), part.channels.slice(half), part.channels].filter(
        ({ length }) => length > 0,
      );
      const { payloads } = runSplice(
        {
          kind: 'splice',
          sources: [source],
          targets: targets.map((channels) => target(part.compression, channels, region)),
          mayTranscode: false,
        },
        [bytes],
        kernels,
        new JobMemory([bytes]),
      );
      for (const [number, payload] of payloads.entries()) {
        const size = blockLength(targets[number] ?? [], region);
        if (payload.length > size) throw new Finding(`a spliced chunk has ${payload.length} bytes, more than ${size}`);
      }
    },
  };
}

export async function deepSurface(): Promise<Surface> {
  const kernels = await createCodecs();
  const chunks = await chunksOf(isDeep);
  return {
    name: 'deep',
    seeds: chunks.map((chunk) => ({
      ...chunk,
      // The sizes and the table, and the samples behind them.
      spans: [
        [0, 24],
        [24, Math.min(chunk.bytes.length, 200)],
        [24, chunk.bytes.length],
      ],
    })),
    run(bytes, seed) {
      const { part, region } = chunks[seed] as Chunk;
      const { tiles, compression, channels } = part;
      const source: JobSource = { part: { part: 0, compression, planes: channels, tile: tiles }, region };
      const targets = deepCodecs.map(({ name: to }) => target(to, channels, region, tiles));
      const { payloads } = runDeep({ kind: 'deep', sources: [source], targets }, bytes, kernels);
      // What was written is read again, and is the same.
      const [first, ...rest] = payloads.map((payload, number) => {
        const to = targets[number] as JobTarget;
        const from = {
          part: { part: 0, compression: to.part.compression as Compression, planes: channels, tile: tiles },
          region,
        };
        const none = target('none', channels, region, tiles);
        return runDeep({ kind: 'deep', sources: [from], targets: [none] }, payload, kernels).payloads[0] as Uint8Array;
      });
      if (rest.some((other) => Buffer.compare(other, first as Uint8Array) !== 0))
        throw new Finding('a deep chunk is not the same by way of every codec');
    },
  };
}

function target(compression: Compression, channels: Part['channels'], region: Region, tile?: Part['tiles']): JobTarget {
  const planes = channels.map((channel) => {
    const { plane } = channel;
    if (!('index' in plane)) throw new Error('a plane that did not arrive');
    return { ...channel, plane: { part: 0, index: plane.index } };
  });
  return { part: { compression, planes, tile, settings: {} }, region };
}
