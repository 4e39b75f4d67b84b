// Makes packets from the blocks that the kernel has encoded.
import type { Instance } from '../instance.js';
import { blocksOf } from './block-place.js';
import type { Codestream, Component } from './codestream.js';
import type { PackedSource } from './compose.js';
import type { Plan } from './geometry.js';
import { BLOCK_DATA, BLOCK_LENGTH, BLOCK_VALUES } from './kernel-records.js';
import { orderPackets } from './packet-order.js';
import { type PacketBand, writePacketHeader } from './packet-writer.js';

/** The packets of a chunk: for each resolution and component, and each precinct of these. */
export class PacketCollector {
  readonly #plans: readonly Plan[];
  readonly #codestream: Omit<Codestream, 'bytes'>;
  readonly #pieces: Uint8Array[] = [];
  readonly #limit: number;
  readonly #first: Uint32Array;
  readonly #start: Uint32Array;
  readonly #end: Uint32Array;
  #size = 0;

  constructor(limit: number, plans: readonly Plan[], codestream: Omit<Codestream, 'bytes'>) {
    this.#limit = limit;
    this.#plans = plans;
    this.#codestream = codestream;
    this.#first = new Uint32Array(plans.length + 1);
    for (const [c, { packets }] of plans.entries()) this.#first[c + 1] = (this.#first[c] as number) + packets;
    this.#start = new Uint32Array(this.#first.at(-1) as number);
    this.#end = new Uint32Array(this.#start.length);
  }

  /** Bytes left for more packets. */
  get room(): number {
    return Math.max(0, this.#limit - this.#size);
  }

  /** Collects a component's packets from the records the kernel filled in. */
  add(instance: Instance, c: number, records: Uint32Array): void {
    const { quantization } = this.#codestream.components[c] as Component;
    for (const resolution of (this.#plans[c] as Plan).resolutions) {
      const first = (this.#first[c] as number) + resolution.firstPacket;
      for (let precinct = 0; precinct < resolution.precinctsWide * resolution.precinctsHigh; ++precinct) {
        this.#start[first + precinct] = this.#size;
        const bodies: Uint8Array[] = [];
        const bands = resolution.bands.map((band): PacketBand => {
          const zeroPlanes = (quantization.magnitudeBits[band.index] as number) - 1;
          const blocks = blocksOf(resolution, band, precinct);
          const lengths = Uint32Array.from(blocks.numbers, (block) => {
            const record = block * BLOCK_VALUES;
            const length = records[record + BLOCK_LENGTH] as number;
            if (length > 0) bodies.push(instance.view(records[record + BLOCK_DATA] as number, length).slice());
            return length;
          });
          return { blocksWide: blocks.wide, blocksHigh: blocks.high, lengths, zeroPlanes };
        });
        this.#push(writePacketHeader(bands));
        for (const body of bodies) this.#push(body);
        this.#end[first + precinct] = this.#size;
      }
    }
  }

  /** All packets, as a source of compose. */
  source(): PackedSource {
    const bytes = new Uint8Array(this.#size);
    let at = 0;
    for (const piece of this.#pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    const count = this.#start.length;
    const order = orderPackets('RPCL', this.#codestream.components, this.#plans);
    // The table is ordered by component, so a packet's number is its position.
    const index = Uint32Array.from({ length: count }, (_, i) => i);
    const packets = { ...order, start: this.#start, end: this.#end, plans: this.#plans };
    return { codestream: { ...this.#codestream, bytes }, packets, first: this.#first, index };
  }

  #push(bytes: Uint8Array): void {
    this.#pieces.push(bytes);
    this.#size += bytes.length;
  }
}
