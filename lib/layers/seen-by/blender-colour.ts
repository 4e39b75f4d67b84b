/** The colour space that Blender assumes for an EXR file. */
import { parseAttribute, stringAttribute } from '../../format/attribute-types.js';
import type { Attributes } from '../../model/attributes.js';
import type { Header } from '../../model/header.js';

/** Spaces of Blender 5.3's own configuration by their `interop_id` (datafiles/colormanagement/config.ocio); others are ignored. */
const known: ReadonlySet<string> = new Set([
  ...'lin_ciexyzd65_scene lin_p3d65_scene lin_rec2020_scene lin_adobergb_scene lin_ap0_scene lin_ap1_scene'.split(' '),
  ...'srgb_rec709_scene srgb_ap1_scene srgb_p3d65_scene g18_rec709_scene g22_rec709_scene g22_adobergb_scene'.split(
    ' ',
  ),
  ...'g22_ap1_scene g24_rec709_scene srgb_rec709_display srgb_p3d65_display g24_rec709_display'.split(' '),
  ...'pq_rec2020_display hlg_rec2020_display'.split(' '),
  ...[
    'g1961_rec709_display g24_rec2020_display lin_ciexyze_scene lin_egamut_scene agxlog_rec2020_scene',
    'filmiclog_rec709_scene luminancecompensation_rec2020_scene',
  ].flatMap((names) => names.split(' ').map((name) => `blender:${name}`)),
  ...[
    'acescc_ap1_scene acescct_ap1_scene adx10_apd_scene adx16_apd_scene applelog_applewg_scene',
    'applelog_rec2020_scene arrilogc3_awg3_scene arrilogc4_awg4_scene bmdfilm5_wg5_scene canonlog2_cgamutd55_scene',
    'canonlog3_cgamutd55_scene davinci_dwg_scene djilog_dgamut_scene lin_awg3_scene lin_awg4_scene lin_bmdwg5_scene',
    'lin_cgamutd55_scene lin_dgamut_scene lin_dwg_scene lin_rwg_scene lin_sgamut3_scene lin_sgamut3cine_scene',
    'lin_sgamut3cinevenice_scene lin_sgamut3venice_scene lin_vgamut_scene linear_applewg_scene redlog3g10_rwg_scene',
    'slog3_sgamut3_scene slog3_sgamut3cine_scene slog3_sgamut3cinevenice_scene slog3_sgamut3venice_scene vlog_vgamut_scene',
  ].flatMap((names) => names.split(' ').map((name) => `ocio:${name}`)),
]);

/** Red, green, blue and white of the spaces whose chromaticities Blender knows. */
const aces2065 = [0.7347, 0.2653, 0, 1, 0.0001, -0.077, 0.32168, 0.33767];
const xyzE = [1, 0, 0, 1, 0, 0, 1 / 3, 1 / 3];

/** Why Blender converts every pass of four channels to the scene's space, and IDs with them. */
export interface Conversion {
  readonly part: number;
  /** The attribute and its value. */
  readonly from: string;
}

/**
 * Blender applies the first part that names a colour space to the whole file; parts with data do not count (tried in 5.3: a
 * later part's space counts if all before it are data or name none). Undefined if IDs stay unchanged in a scene with linear
 * Rec.709, the default of scenes.
 */
export function conversionOf({ parts }: Pick<Header, 'parts'>): Conversion | undefined {
  for (const [part, { attributes }] of parts.entries()) {
    const space = spaceOf(attributes);
    if (space === 'scene') return undefined;
    if (space !== undefined) return { part, from: space };
  }
  return undefined;
}

/** `imb_exr_set_known_colorspace`: ACES first, then the interop ID, then CIE-XYZ. */
function spaceOf(attributes: Attributes): string | undefined {
  if (parsed(attributes, 'acesImageContainerFlag', 'int') === 1) return 'acesImageContainerFlag 1';
  if (hasChromaticities(attributes, aces2065)) return 'chromaticities of ACES2065-1';
  const id = stringAttribute(attributes.get('colorInteropID')) ?? '';
  if (id === 'data') return undefined;
  if (id === 'lin_rec709_scene') return 'scene';
  if (known.has(id)) return `colorInteropID "${id}"`;
  return hasChromaticities(attributes, xyzE) ? 'chromaticities of CIE-XYZ E' : undefined;
}

function hasChromaticities(attributes: Attributes, values: readonly number[]): boolean {
  const found = parsed(attributes, 'chromaticities', 'chromaticities');
  if (typeof found !== 'object' || found === null) return false;
  const numbers: unknown[] = Object.values(found);
  return values.every((value, index) => Math.abs(Number(numbers[index]) - value) < 1e-6);
}

function parsed(attributes: Attributes, name: string, type: string): unknown {
  const attribute = attributes.get(name);
  if (attribute?.type !== type) return undefined;
  try {
    return parseAttribute(type, attribute.value);
  } catch {
    return undefined; // OpenEXR does not open such a file; reporting damage is not this function's task.
  }
}
