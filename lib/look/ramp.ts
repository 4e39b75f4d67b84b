/** Colour maps for values that are not colours: both get evenly brighter to the eye. */
export const rampNames = ['viridis', 'grey'] as const;
/** One of {@link rampNames}. */
export type RampName = (typeof rampNames)[number];

/** Viridis by Stéfan van der Walt and Nathaniel Smith (matplotlib, CC0), at nine places from 0 to 1. */
const viridis = [0x440154, 0x472d7b, 0x3b528b, 0x2c728e, 0x21918c, 0x28ae80, 0x5ec962, 0xaddc30, 0xfde725];

/** 1024 colours of a map, three bytes each, dark to bright. */
export function makeRamp(name: RampName): Uint8Array {
  const table = new Uint8Array(3 * rampSteps);
  for (let step = 0; step < rampSteps; step++) {
    const at = step / (rampSteps - 1);
    table.set(name === 'grey' ? [at, at, at].map((value) => Math.round(value * 255)) : viridisAt(at), step * 3);
  }
  return table;
}

export const rampSteps = 1024;

function viridisAt(at: number): number[] {
  const place = at * (viridis.length - 1);
  const low = Math.min(Math.floor(place), viridis.length - 2);
  const [from, to] = [viridis[low] as number, viridis[low + 1] as number];
  return [16, 8, 0].map((shift) => {
    const [a, b] = [(from >>> shift) & 0xff, (to >>> shift) & 0xff];
    return Math.round(a + (b - a) * (place - low));
  });
}
