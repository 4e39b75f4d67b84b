/**
 * The colour of an ID: the same in every frame, file and program that follows this formula, and of neighbouring numbers (object
 * indices) as different as of hashes.
 *
 *   x = the ID's 32 bits; x ^= x >> 16; x *= 0x85ebca6b; x ^= x >> 13; x *= 0xc2b2ae35; x ^= x >> 16   (all modulo 2^32;
 *   the finaliser of MurmurHash3)
 *   hue = (x & 0xffff) / 65536 turns, saturation = 0.45 + 0.4 * (x >> 16 & 0xff) / 255, value = 0.65 + 0.35 * (x >> 24) / 255
 *   red, green, blue by HSV, times 255, rounded to the nearest. ID 0 (no object) is black.
 */
export function idColour(id: number): readonly [number, number, number] {
  if (id === 0) return [0, 0, 0];
  const x = mixed(id);
  const hue = ((x & 0xffff) / 65_536) * 6;
  const saturation = 0.45 + (0.4 * ((x >>> 16) & 0xff)) / 255;
  const value = 0.65 + (0.35 * (x >>> 24)) / 255;
  // HSV: each component falls from `value` as the hue leaves it.
  const component = (from: number): number => {
    const k = (from + hue) % 6;
    return Math.round(255 * value * (1 - saturation * Math.max(0, Math.min(k, 4 - k, 1))));
  };
  return [component(5), component(3), component(1)];
}

function mixed(id: number): number {
  let x = id >>> 0;
  x ^= x >>> 16;
  x = Math.imul(x, 0x85ebca6b);
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/** Colours of many IDs, each worked out once. */
export class IdColours {
  readonly #known = new Map<number, readonly [number, number, number]>();

  of(id: number): readonly [number, number, number] {
    const found = this.#known.get(id) ?? idColour(id);
    // Frames have thousands of IDs; noise that is taken for IDs has millions.
    if (this.#known.size < 1 << 16) this.#known.set(id, found);
    return found;
  }
}

/** `#rrggbb`. */
export function hexColour(colour: readonly number[]): string {
  return `#${colour.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
