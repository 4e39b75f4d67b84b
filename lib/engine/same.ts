import type { Channel, TileDescription } from '../model/header.js';

/** Whether two channels store their samples in the same way. */
export function sameStorage(a: Channel, b: Channel): boolean {
  return a.type === b.type && a.xSampling === b.xSampling && a.ySampling === b.ySampling && a.linear === b.linear;
}

/** Whether two parts are cut into chunks in the same way, as far as tiles go. */
export function sameTiles(a: TileDescription | undefined, b: TileDescription | undefined): boolean {
  if (!a || !b) return a === b;
  return a.width === b.width && a.height === b.height && a.levels === b.levels && a.rounding === b.rounding;
}
