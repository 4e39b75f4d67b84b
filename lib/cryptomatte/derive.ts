import { sourcePlanes } from '../model/channels.js';
import { ExrError } from '../model/error.js';
import { type Channel, type DerivedPlane, isDerived, isPieced, type Plane, type Samples } from '../model/header.js';

/**
 * A plane computed from channels, whatever those are made of: where one is itself computed (an ID that `repair` restored), its
 * computation runs first. `compute` gets the samples of each channel, and fills `out`.
 *
 * @throws ExrError of kind `unsupported` for channels that are assembled from several windows.
 */
export function deriveFrom(
  channels: readonly Channel[],
  compute: (channels: readonly Samples[], out: Samples) => void,
): DerivedPlane {
  const inputs: Plane[] = [];
  const steps = channels.map(({ plane, type }) => {
    const from = inputs.length;
    if (isPieced(plane))
      throw new ExrError(
        'unsupported',
        'PIECES_UNSUPPORTED',
        'nothing can be computed from channels of several windows yet',
      );
    inputs.push(...sourcePlanes({ plane }));
    const to = inputs.length;
    return (given: readonly Samples[]): Samples => {
      if (!isDerived(plane)) return given[from] as Samples;
      const length = given[from]?.length ?? 0;
      const made = type === 'uint' ? new Uint32Array(length) : new Float32Array(length);
      plane.compute(given.slice(from, to), made);
      return made;
    };
  });
  return {
    inputs,
    compute: (given, out) =>
      compute(
        steps.map((step) => step(given)),
        out,
      ),
  };
}
