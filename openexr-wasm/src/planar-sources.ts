// Chunks made by decoding and encoding: each source is decoded when it is first needed, and only once.
import { CodecError } from './errors.js';
import { planarSize } from './layout.js';
import type { ChannelPick, ChunkSource, Codecs, Compression, SpliceTarget } from './types.js';

/** A source's samples, and where its channels start and the last one ends. */
interface Decoded {
  readonly samples: Uint8Array;
  readonly starts: readonly number[];
}

export class PlanarSources {
  readonly #codecs: Codecs;
  readonly #compression: Compression;
  readonly #sources: readonly ChunkSource[];
  readonly #decoded = new Map<number, Decoded>();

  constructor(codecs: Codecs, compression: Compression, sources: readonly ChunkSource[]) {
    this.#codecs = codecs;
    this.#compression = compression;
    this.#sources = sources;
  }

  /** The samples of one channel. */
  channel({ source, channel }: ChannelPick): Uint8Array {
    const { samples, starts } = this.#decode(source);
    return samples.subarray(starts[channel], starts[channel + 1]);
  }

  /** The planar samples of a target. */
  gather({ layout, from }: SpliceTarget): Uint8Array {
    const planar = new Uint8Array(planarSize(layout));
    let at = 0;
    for (const pick of from) {
      const samples = this.channel(pick);
      planar.set(samples, at);
      at += samples.length;
    }
    return planar;
  }

  /** A target's chunk, re-encoded. */
  encode(target: SpliceTarget, level: number): Uint8Array {
    return this.#codecs.encode(this.#compression, target.layout, this.gather(target), { level });
  }

  /** The same, but stored raw if the compression changed a sample. */
  encodeExactly(target: SpliceTarget, level: number): Uint8Array {
    const planar = this.gather(target);
    const packed = this.#codecs.encode(this.#compression, target.layout, planar, { level });
    const kept = sameBytes(this.#codecs.decode(this.#compression, target.layout, packed), planar);
    return kept ? packed : this.#codecs.encode('none', target.layout, planar);
  }

  #decode(source: number): Decoded {
    const known = this.#decoded.get(source);
    if (known !== undefined) return known;
    const chunk = this.#sources[source];
    if (chunk === undefined) throw new CodecError('bad-argument', `there is no source ${source}`);
    const { layout, packed } = chunk;
    let end = 0;
    const starts = [0, ...layout.channels.map((channel) => (end += planarSize({ ...layout, channels: [channel] })))];
    const decoded = { samples: this.#codecs.decode(this.#compression, layout, packed), starts };
    this.#decoded.set(source, decoded);
    return decoded;
  }
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
