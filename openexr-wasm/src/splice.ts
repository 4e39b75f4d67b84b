// Making chunks from the channels of other chunks, for every compression in the way that costs least and loses nothing.
import { CodecError, STATUS_OUTPUT_FULL, statusError } from './errors.js';
import type { Instance } from './instance.js';
import { placeChannelTable, planarSize } from './layout.js';
import type { ChannelPick, ChunkLayout, ChunkSource, SpliceTarget } from './types.js';

/** The order of bytes in front of zlib, see assembly/spliceRuns.ts. */
type StreamForm = 'zip' | 'pxr24';
const FORM: Readonly<Record<StreamForm, number>> = { zip: 0, pxr24: 1 };

/** Lets the module choose how much of each run is coded anew, see assembly/spliceRead.ts. */
const CHOOSE = -1;

const ORIGIN_BYTES = 8;

/** Places a target's origins as assembly/spliceRuns.ts reads them: u32 source, u32 channel. */
function placeOrigins(instance: Instance, from: readonly ChannelPick[]): number {
  return instance.place(new Uint8Array(Uint32Array.from(from.flatMap((pick) => [pick.source, pick.channel])).buffer));
}

/**
 * Splices chunks at the level of deflate tokens. The sources are compressed, not stored raw.
 * @returns per target the packed chunk, or undefined when it would not be smaller than the raw one.
 */
export function spliceTokens(
  instance: Instance,
  form: StreamForm,
  sources: readonly ChunkSource[],
  targets: readonly SpliceTarget[],
  logBytes = CHOOSE,
): (Uint8Array | undefined)[] {
  const check = (status: number): number => {
    if (status < 0) throw statusError(status, `cannot splice ${form} chunk`);
    return status;
  };
  const call = (name: string, ...args: number[]): number => check(instance.kernel(name)(...args));
  const { y, height } = targets[0]?.layout ?? { y: 0, height: 0 };
  call('spliceStart', FORM[form], sources.length, targets.length, y, height);
  for (const { layout, packed } of sources) {
    const size = planarSize(layout);
    const table = placeChannelTable(instance, layout);
    call('spliceAddSource', instance.place(packed), packed.length, size, table, layout.channels.length);
  }
  for (const { layout, from } of targets) {
    const table = placeChannelTable(instance, layout);
    call('spliceAddTarget', planarSize(layout), table, layout.channels.length, placeOrigins(instance, from));
  }
  call('splicePlan');
  sources.forEach((_, i) => {
    call('spliceRead', i, logBytes);
  });
  // Only a result smaller than the raw chunk is of use.
  const capacity = Math.max(1, ...targets.map(({ layout }) => planarSize(layout) - 1));
  const output = instance.allocate(capacity);
  return targets.map(({ layout }, i) => {
    const written = instance.kernel('spliceWrite')(i, output, Math.min(capacity, planarSize(layout) - 1));
    if (written === STATUS_OUTPUT_FULL) return undefined;
    return instance.view(output, check(written)).slice();
  });
}
