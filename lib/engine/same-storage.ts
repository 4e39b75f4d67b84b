import type { Channel } from '../model/header.js';

/** Whether two channels store their samples in the same way. */
export function sameStorage(a: Channel, b: Channel): boolean {
  return a.type === b.type && a.xSampling === b.xSampling && a.ySampling === b.ySampling && a.linear === b.linear;
}
