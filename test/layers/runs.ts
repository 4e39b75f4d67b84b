/**
 * How often a property is tried. The same cases each time by default, so that a build that passes goes on passing;
 * `PROPERTY_RUNS=5000` looks for rarer faults, among other cases each time.
 */
export function runs(times = 1): { readonly numRuns: number; readonly seed?: number } {
  const { PROPERTY_RUNS: wanted } = process.env;
  return wanted === undefined ? { numRuns: 80 * times, seed: 14 } : { numRuns: Number(wanted) * times };
}
