/** What three.js sees of a file. */
import { readFile } from 'node:fs/promises';
import { EXRLoader } from 'three/examples/jsm/loaders/EXRLoader.js';
import type { Seen } from './seen.js';

/** FloatType of three.js. */
const floats = 1015;

export async function seenByThree(file: string): Promise<Seen> {
  const reader = 'three.js EXRLoader';
  try {
    const { buffer } = new Uint8Array(await readFile(file));
    const { width, height, data } = new EXRLoader().setDataType(floats).parse(buffer);
    const components = data.length / (width * height);
    const mean = Array.from({ length: Math.min(3, components) }, (_, at) => meanOf(data, at, components));
    return { reader, file, state: 'ok', size: [width, height], mean };
  } catch (error) {
    return { reader, file, state: 'refused', why: String(error).slice(0, 120) };
  }
}

function meanOf(data: Float32Array, at: number, step: number): number {
  let sum = 0;
  let count = 0;
  for (let i = at; i < data.length; i += step) {
    const value = data[i] as number;
    if (!Number.isFinite(value)) continue;
    sum += value;
    count += 1;
  }
  return count === 0 ? 0 : sum / count;
}
