// The perceptual curve B44 puts on channels marked pLinear, as tables from half to half: y = exp(x / 8) on the way in
// and y = 8 log(x) on the way out. Made on first use (65,536 entries each, a few milliseconds).

import { floatToHalf, halfToFloat } from './half';

const HALF_MAX: u16 = 0x7bff;
const INFINITY: u32 = 0x7c00;

const expTable: usize = memory.data(131072, 16);
const logTable: usize = memory.data(131072, 16);
let filled: bool = false;

/** Address of the 65,536 halves exp(x / 8), cut at the largest half; 0 for infinities and NaNs. */
export function b44ExpTable(): usize {
  if (!filled) fill();
  return expTable;
}

/** Address of the 65,536 halves 8 log(x); 0 for negative numbers, infinities and NaNs. */
export function b44LogTable(): usize {
  if (!filled) fill();
  return logTable;
}

function fill(): void {
  filled = true;
  const expLimit = 8.0 * Math.log(65504.0);
  for (let h: u32 = 0; h < 0x10000; ++h) {
    const at = (<usize>h) << 1;
    if ((h & INFINITY) == INFINITY) {
      store<u16>(expTable + at, 0);
      store<u16>(logTable + at, 0);
      continue;
    }
    const x = <f64>halfToFloat(h);
    store<u16>(expTable + at, x >= expLimit ? HALF_MAX : <u16>floatToHalf(<f32>Math.exp(x / 8.0)));
    store<u16>(logTable + at, x < 0.0 ? 0 : <u16>floatToHalf(<f32>(8.0 * Math.log(x))));
  }
}
