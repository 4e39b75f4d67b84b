/** From a file's own primaries to those of sRGB. */
import { parseAttribute } from '../format/attribute-types.js';
import { colourSpace } from '../layers/colour.js';
import type { Part } from '../model/header.js';

/** x and y of red, green, blue and white. */
type Primaries = readonly [number, number, number, number, number, number, number, number];
type Matrix = readonly number[];

/** IEC 61966-2-1; also what OpenEXR takes where a file has none (ImfChromaticities.h). */
const srgb: Primaries = [0.64, 0.33, 0.3, 0.6, 0.15, 0.06, 0.3127, 0.329];

/** Linear spaces that `colorInteropID` may name (Color Interop Forum, "Texture asset color spaces"). Others are ignored. */
const spaces: ReadonlyMap<string, Primaries> = new Map([
  ['lin_rec709_scene', srgb],
  ['lin_ap1_scene', [0.713, 0.293, 0.165, 0.83, 0.128, 0.044, 0.32168, 0.33767]],
  ['lin_ap0_scene', [0.7347, 0.2653, 0, 1, 0.0001, -0.077, 0.32168, 0.33767]],
  ['lin_rec2020_scene', [0.708, 0.292, 0.17, 0.797, 0.131, 0.046, 0.3127, 0.329]],
  ['lin_p3d65_scene', [0.68, 0.32, 0.265, 0.69, 0.15, 0.06, 0.3127, 0.329]],
  ['lin_adobergb_scene', [0.64, 0.33, 0.21, 0.71, 0.15, 0.06, 0.3127, 0.329]],
]);

/**
 * Nine numbers, row by row, that take linear colours of a part to linear sRGB; undefined where they are that already. The
 * `chromaticities` rule, then a linear `colorInteropID`; a part without both is taken for sRGB's. Another white is
 * adapted by Bradford's method.
 */
export function toSrgb(part: Pick<Part, 'attributes'>): Matrix | undefined {
  const primaries = ownPrimaries(part) ?? spaces.get(colourSpace(part) ?? '');
  if (!primaries || primaries.every((value, i) => Math.abs(value - (srgb[i] as number)) < 1e-4)) return undefined;
  const [own, target] = [toXyz(primaries), toXyz(srgb)];
  const back = target && inverse(target);
  if (!own || !back) return undefined;
  return times(back, times(adaptation(primaries, srgb), own));
}

function ownPrimaries({ attributes }: Pick<Part, 'attributes'>): Primaries | undefined {
  const attribute = attributes.get('chromaticities');
  if (attribute?.type !== 'chromaticities' || attribute.value.length !== 32) return undefined;
  const parsed = parseAttribute('chromaticities', attribute.value);
  if (parsed === undefined || typeof parsed !== 'object' || Array.isArray(parsed)) return undefined;
  const values = Object.values(parsed).map(Number);
  const [rx, ry, gx, gy, bx, by, wx, wy] = values;
  if (!values.every(Number.isFinite) || wy === 0 || wy === undefined) return undefined;
  return [rx ?? 0, ry ?? 0, gx ?? 0, gy ?? 0, bx ?? 0, by ?? 0, wx ?? 0, wy];
}

/** From RGB to XYZ, so that 1, 1, 1 is the white with Y = 1 (SMPTE RP 177). Undefined for primaries that span no space. */
function toXyz([rx, ry, gx, gy, bx, by, wx, wy]: Primaries): Matrix | undefined {
  const columns = [rx, gx, bx, ry, gy, by, 1 - rx - ry, 1 - gx - gy, 1 - bx - by];
  const solved = inverse(columns);
  if (!solved) return undefined;
  const [r, g, b] = apply(solved, [wx / wy, 1, (1 - wx - wy) / wy]);
  return columns.map((value, i) => value * ([r, g, b][i % 3] ?? 0));
}

/** Bradford's cone responses. */
const bradford: Matrix = [0.8951, 0.2664, -0.1614, -0.7502, 1.7135, 0.0367, 0.0389, -0.0685, 1.0296];

function adaptation(from: Primaries, to: Primaries): Matrix {
  const response = ([, , , , , , x, y]: Primaries) => apply(bradford, [x / y, 1, (1 - x - y) / y]);
  const [a, b] = [response(from), response(to)];
  const scale = [0, 1, 2].flatMap((row) =>
    [0, 1, 2].map((column) => (row === column ? (b[row] ?? 1) / (a[row] || 1) : 0)),
  );
  return times(inverse(bradford) ?? bradford, times(scale, bradford));
}

function apply(matrix: Matrix, vector: readonly number[]): number[] {
  return [0, 3, 6].map((row) =>
    [0, 1, 2].reduce((sum, column) => sum + (matrix[row + column] ?? 0) * (vector[column] ?? 0), 0),
  );
}

function times(a: Matrix, b: Matrix): Matrix {
  return Array.from({ length: 9 }, (_, at) => {
    const [row, column] = [Math.floor(at / 3) * 3, at % 3];
    return [0, 1, 2].reduce((sum, i) => sum + (a[row + i] ?? 0) * (b[i * 3 + column] ?? 0), 0);
  });
}

function inverse(matrix: Matrix): Matrix | undefined {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, i = 0] = matrix;
  const determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  if (!(Math.abs(determinant) > 1e-12)) return undefined;
  const adjugate = [
    e * i - f * h,
    c * h - b * i,
    b * f - c * e,
    f * g - d * i,
    a * i - c * g,
    c * d - a * f,
    d * h - e * g,
    b * g - a * h,
    a * e - b * d,
  ];
  return adjugate.map((value) => value / determinant);
}
