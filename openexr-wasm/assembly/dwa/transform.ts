// The 8x8 cosine transforms and the colour transform of DWA.
//
// Sums are formed in the order of OpenEXR's own x86-64 code (its AVX inverse transform, its SSE2 forward transform),
// because that order decides the last bit. OpenEXR itself does not give the same bits on machines without AVX: of 77
// million samples of random blocks, its SSE2 code gave 0.013 % and its scalar code 0.041 % halves that differed from
// those of its AVX code, by 1 unit in the last place in the space the transform works in (up to 10 for values below 0.02, where
// everything is rounded relative to larger neighbours), which the conversion back to linear light widens to at most 9.
// Blocks are 64 floats.

/** Cosines of the inverse transform, in the decimals of the reference: 0.5 cos(k pi / 16), k = 4 1 2 3 5 6 7. */
const A: f32 = 3.535536e-1;
const B: f32 = 4.903927e-1;
const C: f32 = 4.619398e-1;
const D: f32 = 4.157349e-1;
const E: f32 = 2.777855e-1;
const F: f32 = 1.913422e-1;
const G: f32 = 9.754573e-2;

/** The only coefficient is the first: every pixel of the block has this value. */
export function inverseDcOnly(dc: f32): f32 {
  return dc * A * A;
}

/** Stage between the two passes: row r, half h (columns 4h .. 4h + 3) at ROWS + 32 r + 16 h. */
const ROWS: usize = memory.data(256, 16);

/**
 * Inverse transform. `coefficients` are transposed (column c, row r at 8 c + r), which lets the first pass work on
 * four rows at a time; `pixels` come out row after row. `rows` is how many of the eight rows may hold coefficients
 * that are not zero.
 */
export function inverseDct(coefficients: usize, pixels: usize, rows: i32): void {
  inverseRows(coefficients, ROWS);
  if (rows > 4) {
    inverseRows(coefficients + 16, ROWS + 128);
    inverseColumns(ROWS, pixels);
    inverseColumns(ROWS + 16, pixels + 16);
  } else if (rows > 1) {
    inverseColumnsHalf(ROWS, pixels);
    inverseColumnsHalf(ROWS + 16, pixels + 16);
  } else {
    inverseColumnsOne(ROWS, pixels);
    inverseColumnsOne(ROWS + 16, pixels + 16);
  }
}

/** The first pass for four rows; lanes are rows on the way in and columns on the way out. */
function inverseRows(from: usize, to: usize): void {
  const x0 = v128.load(from);
  const x1 = v128.load(from, 32);
  const x2 = v128.load(from, 64);
  const x3 = v128.load(from, 96);
  const x4 = v128.load(from, 128);
  const x5 = v128.load(from, 160);
  const x6 = v128.load(from, 192);
  const x7 = v128.load(from, 224);

  const ax0 = f32x4.mul(x0, f32x4.splat(A));
  const ax4 = f32x4.mul(x4, f32x4.splat(A));
  const cx2 = f32x4.mul(x2, f32x4.splat(C));
  const fx2 = f32x4.mul(x2, f32x4.splat(F));
  const cx6 = f32x4.mul(x6, f32x4.splat(C));
  const fx6 = f32x4.mul(x6, f32x4.splat(F));
  const even0 = f32x4.add(f32x4.add(ax0, cx2), f32x4.add(ax4, fx6));
  const even1 = f32x4.sub(f32x4.add(ax0, fx2), f32x4.add(ax4, cx6));
  const even2 = f32x4.sub(f32x4.sub(ax0, fx2), f32x4.sub(ax4, cx6));
  const even3 = f32x4.add(f32x4.sub(ax0, cx2), f32x4.sub(ax4, fx6));

  const odd0 = f32x4.add(f32x4.add(times(x1, B), times(x3, D)), f32x4.add(times(x5, E), times(x7, G)));
  const odd1 = f32x4.sub(f32x4.sub(times(x1, D), times(x3, G)), f32x4.add(times(x5, B), times(x7, E)));
  const odd2 = f32x4.add(f32x4.sub(times(x1, E), times(x3, B)), f32x4.add(times(x5, G), times(x7, D)));
  const odd3 = f32x4.add(f32x4.sub(times(x1, G), times(x3, E)), f32x4.sub(times(x5, D), times(x7, B)));

  storeTransposed(
    to,
    f32x4.add(even0, odd0),
    f32x4.add(even1, odd1),
    f32x4.add(even2, odd2),
    f32x4.add(even3, odd3),
  );
  storeTransposed(
    to + 16,
    f32x4.sub(even3, odd3),
    f32x4.sub(even2, odd2),
    f32x4.sub(even1, odd1),
    f32x4.sub(even0, odd0),
  );
}

/** The second pass for four columns. */
function inverseColumns(from: usize, to: usize): void {
  const y1 = v128.load(from, 32);
  const y3 = v128.load(from, 96);
  const y5 = v128.load(from, 160);
  const y7 = v128.load(from, 224);
  const odd0 = f32x4.add(f32x4.add(times(y1, B), times(y3, D)), f32x4.add(times(y5, E), times(y7, G)));
  const odd1 = f32x4.sub(f32x4.sub(times(y1, D), f32x4.add(times(y3, G), times(y5, B))), times(y7, E));
  const odd2 = f32x4.add(f32x4.add(f32x4.sub(times(y1, E), times(y3, B)), times(y5, G)), times(y7, D));
  const odd3 = f32x4.sub(f32x4.add(times(y1, G), times(y5, D)), f32x4.add(times(y3, E), times(y7, B)));

  const ay0 = times(v128.load(from), A);
  const ay4 = times(v128.load(from, 128), A);
  const y2 = v128.load(from, 64);
  const y6 = v128.load(from, 192);
  const sum = f32x4.add(ay0, ay4);
  const difference = f32x4.sub(ay0, ay4);
  const outer = f32x4.add(times(y2, C), times(y6, F));
  const inner = f32x4.sub(times(y2, F), times(y6, C));
  const even0 = f32x4.add(sum, outer);
  const even1 = f32x4.add(difference, inner);
  const even2 = f32x4.sub(difference, inner);
  const even3 = f32x4.sub(sum, outer);
  storeColumns(to, even0, even1, even2, even3, odd0, odd1, odd2, odd3);
}

/** The second pass for four columns whose lower four rows are zero. */
function inverseColumnsHalf(from: usize, to: usize): void {
  const y1 = v128.load(from, 32);
  const y3 = v128.load(from, 96);
  const odd0 = f32x4.add(times(y1, B), times(y3, D));
  const odd1 = f32x4.sub(times(y1, D), times(y3, G));
  const odd2 = f32x4.sub(times(y1, E), times(y3, B));
  const odd3 = f32x4.sub(times(y1, G), times(y3, E));
  const ay0 = times(v128.load(from), A);
  const y2 = v128.load(from, 64);
  const outer = times(y2, C);
  const inner = times(y2, F);
  const even0 = f32x4.add(ay0, outer);
  const even1 = f32x4.add(ay0, inner);
  const even2 = f32x4.sub(ay0, inner);
  const even3 = f32x4.sub(ay0, outer);
  storeColumns(to, even0, even1, even2, even3, odd0, odd1, odd2, odd3);
}

/** The second pass for four columns of which only the first row is not zero. */
function inverseColumnsOne(from: usize, to: usize): void {
  const y = times(v128.load(from), A);
  for (let offset: usize = 0; offset < 256; offset += 32) v128.store(to + offset, y);
}

function times(x: v128, factor: f32): v128 {
  return f32x4.mul(x, f32x4.splat(factor));
}

function storeColumns(
  to: usize,
  even0: v128,
  even1: v128,
  even2: v128,
  even3: v128,
  odd0: v128,
  odd1: v128,
  odd2: v128,
  odd3: v128,
): void {
  v128.store(to, f32x4.add(even0, odd0));
  v128.store(to, f32x4.add(even1, odd1), 32);
  v128.store(to, f32x4.add(even2, odd2), 64);
  v128.store(to, f32x4.add(even3, odd3), 96);
  v128.store(to, f32x4.sub(even3, odd3), 128);
  v128.store(to, f32x4.sub(even2, odd2), 160);
  v128.store(to, f32x4.sub(even1, odd1), 192);
  v128.store(to, f32x4.sub(even0, odd0), 224);
}

/** Stores a 4x4 matrix given by columns, as rows 32 bytes apart. */
function storeTransposed(to: usize, c0: v128, c1: v128, c2: v128, c3: v128): void {
  const low01 = v128.shuffle<i32>(c0, c1, 0, 4, 1, 5);
  const high01 = v128.shuffle<i32>(c0, c1, 2, 6, 3, 7);
  const low23 = v128.shuffle<i32>(c2, c3, 0, 4, 1, 5);
  const high23 = v128.shuffle<i32>(c2, c3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<i64>(low01, low23, 0, 2));
  v128.store(to, v128.shuffle<i64>(low01, low23, 1, 3), 32);
  v128.store(to, v128.shuffle<i64>(high01, high23, 0, 2), 64);
  v128.store(to, v128.shuffle<i64>(high01, high23, 1, 3), 96);
}

/** Cosines of the forward transform: cos(pi / 4), and 0.5 cos(k pi / 16). */
const COS_4: f32 = 0.70710678;
const HALF_COS_1: f32 = 0.49039264;
const HALF_COS_2: f32 = 0.46193977;
const HALF_COS_3: f32 = 0.41573481;
const HALF_COS_5: f32 = 0.27778512;
const HALF_COS_6: f32 = 0.19134172;
const HALF_COS_7: f32 = 0.097545161;

/** Forward transform in place, by the factorisation of Pennebaker and Mitchell (4.3.2): columns, then rows. */
export function forwardDct(block: usize): void {
  forwardColumns(block);
  forwardColumns(block + 16);
  transpose(block);
  forwardColumns(block);
  forwardColumns(block + 16);
  transpose(block);
}

function forwardColumns(block: usize): void {
  const x0 = v128.load(block);
  const x1 = v128.load(block, 32);
  const x2 = v128.load(block, 64);
  const x3 = v128.load(block, 96);
  const x4 = v128.load(block, 128);
  const x5 = v128.load(block, 160);
  const x6 = v128.load(block, 192);
  const x7 = v128.load(block, 224);
  const s07 = f32x4.add(x0, x7);
  const s12 = f32x4.add(x1, x2);
  const s34 = f32x4.add(x3, x4);
  const s56 = f32x4.add(x5, x6);
  const d07 = f32x4.sub(x0, x7);
  const d12 = f32x4.sub(x1, x2);
  const d34 = f32x4.sub(x3, x4);
  const d56 = f32x4.sub(x5, x6);

  const even = times(f32x4.add(s07, s34), COS_4);
  const odd = times(f32x4.add(s12, s56), COS_4);
  v128.store(block, times(f32x4.add(even, odd), 0.5));
  v128.store(block, times(f32x4.sub(even, odd), 0.5), 128);

  const u = f32x4.sub(d12, d56);
  const v = f32x4.sub(s07, s34);
  v128.store(block, f32x4.add(times(u, HALF_COS_6), times(v, HALF_COS_2)), 64);
  v128.store(block, f32x4.sub(times(v, HALF_COS_6), times(u, HALF_COS_2)), 192);

  const k0 = times(f32x4.sub(s12, s56), COS_4);
  const k1 = times(f32x4.add(d12, d56), -COS_4);
  const x35 = f32x4.sub(d07, k0);
  const y35 = f32x4.add(d34, k1);
  v128.store(block, f32x4.sub(times(x35, HALF_COS_3), times(y35, HALF_COS_5)), 96);
  v128.store(block, f32x4.add(times(x35, HALF_COS_5), times(y35, HALF_COS_3)), 160);
  const x17 = f32x4.add(d07, k0);
  const y17 = f32x4.sub(k1, d34);
  v128.store(block, f32x4.sub(times(x17, HALF_COS_1), times(y17, HALF_COS_7)), 32);
  v128.store(block, f32x4.add(times(x17, HALF_COS_7), times(y17, HALF_COS_1)), 224);
}

function transpose(block: usize): void {
  const b0 = v128.load(block, 16);
  const b1 = v128.load(block, 48);
  const b2 = v128.load(block, 80);
  const b3 = v128.load(block, 112);
  transposeQuarter(block, block);
  transposeQuarter(block + 128, block + 16);
  transposeQuarter(block + 144, block + 144);
  storeTransposed(block + 128, b0, b1, b2, b3);
}

/** A 4x4 quarter of a block from one place to another. */
function transposeQuarter(from: usize, to: usize): void {
  storeTransposed(to, v128.load(from), v128.load(from, 32), v128.load(from, 64), v128.load(from, 96));
}

/** Y'CbCr -> R'G'B' (Rec. 709, no scaling or offsets) of three blocks of `bytes` each, in place. */
export function inverseColour(y: usize, cb: usize, cr: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    const luma = v128.load(y + i);
    const blue = v128.load(cb + i);
    const red = v128.load(cr + i);
    v128.store(y + i, f32x4.add(luma, times(red, 1.5747)));
    v128.store(cb + i, f32x4.add(f32x4.add(times(blue, -0.1873), luma), times(red, -0.4682)));
    v128.store(cr + i, f32x4.add(times(blue, 1.8556), luma));
  }
}

/** R'G'B' -> Y'CbCr of three blocks of 256 bytes, in place. */
export function forwardColour(r: usize, g: usize, b: usize): void {
  for (let i: usize = 0; i < 256; i += 16) {
    const red = v128.load(r + i);
    const green = v128.load(g + i);
    const blue = v128.load(b + i);
    v128.store(r + i, f32x4.add(f32x4.add(times(red, 0.2126), times(green, 0.7152)), times(blue, 0.0722)));
    v128.store(g + i, f32x4.add(f32x4.sub(times(red, -0.1146), times(green, 0.3854)), times(blue, 0.5)));
    v128.store(b + i, f32x4.sub(f32x4.sub(times(red, 0.5), times(green, 0.4542)), times(blue, 0.0458)));
  }
}
