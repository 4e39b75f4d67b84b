/** Naming conventions as data: a program's names for the passes of an image. */

import { type CryptomatteKind, cryptomatteKinds } from '../../layers/kinds.js';
import { ExrError } from '../../model/error.js';

/** Passes that several programs know, by our own names. */
export const passIds = [
  'beauty',
  'depth',
  'normal',
  'position',
  'motion',
  'mist',
  'ao',
  'shadow',
  'emission',
  'background',
  'diffuseColor',
  'diffuseDirect',
  'diffuseIndirect',
  'glossyColor',
  'glossyDirect',
  'glossyIndirect',
  'transmissionColor',
  'transmissionDirect',
  'transmissionIndirect',
  'subsurfaceColor',
  'subsurfaceDirect',
  'subsurfaceIndirect',
  'volumeDirect',
  'volumeIndirect',
  'volumeScatter',
  'volumeTransmit',
  'volumeMajorant',
  'uv',
  'objectIndex',
  'materialIndex',
  'shadowCatcher',
  'greasePencil',
  'sampleCount',
  'renderTime',
  'denoisingAlbedo',
  'denoisingNormal',
  'denoisingDepth',
  'denoisingRoughness',
  'denoisingSpecularAlbedo',
  'denoisingBackwardMotion',
  'denoisingSpecularMotion',
] as const;
/** A pass, by exrpipe's name for it. */
export type PassId = (typeof passIds)[number];

/** What a pass is called: of several names, as versions of a program have them, the first is written and all are read. */
export type PassNames = string | readonly string[];

/** How a program, or a studio, calls passes, Cryptomattes and their channels (docs/presets.md). */
export interface NamingPreset {
  readonly name: string;
  /** What it is for, as one sentence. */
  readonly summary: string;
  /** Between view layer and pass. */
  readonly separator: '.' | '_';
  /** Whether the view layer is omitted in an image with only one. */
  readonly dropsOnlyViewLayer: boolean;
  /** Whether all names consist only of A-Z, a-z, 0-9 and _, without a leading digit. */
  readonly plainNames: boolean;
  /** Whether, without a view layer, the beauty stands in R, G, B, A and the depth in Z, outside of any layer. */
  readonly beautyInRoot: boolean;
  readonly depthInRoot: boolean;
  /** Layers of passes. A pass without an entry keeps the name it has, and so does one that has a name of several here already. */
  readonly passes: Readonly<Partial<Record<PassId, PassNames>>>;
  /** The prefix of a light group's name. */
  readonly lightGroup: string;
  readonly cryptomattes: Readonly<Record<CryptomatteKind, string>>;
  /** Whether Cryptomattes have the channels r g b a or R G B A. */
  readonly cryptomatteComponents: 'lower' | 'upper';
}

/**
 * Blender's render panel, 3.0 and later: up to 4.5 with the short names (docs.blender.org, "Passes"; RE_pipeline.h), from 5.0 on
 * with the long ones (as seen in files of 5.3).
 */
const blender: NamingPreset = {
  name: 'blender',
  summary: 'Names as Blender writes them from its render panel: ViewLayer.Combined, ViewLayer.CryptoObject00.r.',
  separator: '.',
  dropsOnlyViewLayer: false,
  plainNames: false,
  beautyInRoot: false,
  depthInRoot: false,
  passes: {
    beauty: 'Combined',
    depth: 'Depth',
    normal: 'Normal',
    position: 'Position',
    motion: 'Vector',
    mist: 'Mist',
    ao: ['AO', 'Ambient Occlusion'],
    shadow: 'Shadow',
    emission: ['Emit', 'Emission'],
    background: ['Env', 'Environment'],
    diffuseColor: ['DiffCol', 'Diffuse Color'],
    diffuseDirect: ['DiffDir', 'Diffuse Direct'],
    diffuseIndirect: ['DiffInd', 'Diffuse Indirect'],
    glossyColor: ['GlossCol', 'Glossy Color'],
    glossyDirect: ['GlossDir', 'Glossy Direct'],
    glossyIndirect: ['GlossInd', 'Glossy Indirect'],
    transmissionColor: ['TransCol', 'Transmission Color'],
    transmissionDirect: ['TransDir', 'Transmission Direct'],
    transmissionIndirect: ['TransInd', 'Transmission Indirect'],
    subsurfaceColor: ['SubsurfaceCol', 'Subsurface Color'],
    subsurfaceDirect: ['SubsurfaceDir', 'Subsurface Direct'],
    subsurfaceIndirect: ['SubsurfaceInd', 'Subsurface Indirect'],
    volumeDirect: ['VolumeDir', 'Volume Direct'],
    volumeIndirect: ['VolumeInd', 'Volume Indirect'],
    volumeScatter: 'Volume Scatter',
    volumeTransmit: 'Volume Transmit',
    volumeMajorant: 'Volume Majorant',
    uv: 'UV',
    objectIndex: ['IndexOB', 'Object Index'],
    materialIndex: ['IndexMA', 'Material Index'],
    shadowCatcher: 'Shadow Catcher',
    greasePencil: ['GreasePencil', 'Grease Pencil'],
    sampleCount: 'Debug Sample Count',
    renderTime: 'Render Time',
    denoisingAlbedo: 'Denoising Albedo',
    denoisingNormal: 'Denoising Normal',
    denoisingDepth: 'Denoising Depth',
    denoisingRoughness: 'Denoising Roughness',
    denoisingSpecularAlbedo: 'Denoising Specular Albedo',
    denoisingBackwardMotion: 'Denoising Backward Motion',
    denoisingSpecularMotion: 'Denoising Specular Motion',
  },
  lightGroup: 'Combined_',
  cryptomattes: { object: 'CryptoObject', material: 'CryptoMaterial', asset: 'CryptoAsset' },
  cryptomatteComponents: 'lower',
};

/**
 * Arnold's AOVs as MtoA merges them (help.autodesk.com, "AOVs"; Cryptomattes as CryptomatteArnold names them). Motion is
 * left as it is: Arnold's motionvector means something else than Blender's Vector.
 */
const arnold: NamingPreset = {
  name: 'arnold',
  summary: 'Names as in comps that were built for Arnold: R, diffuse_direct.R, crypto_object00.R.',
  separator: '.',
  dropsOnlyViewLayer: true,
  plainNames: false,
  beautyInRoot: true,
  depthInRoot: true,
  passes: {
    beauty: 'RGBA',
    depth: 'Z',
    normal: 'N',
    position: 'P',
    emission: 'emission',
    background: 'background',
    diffuseColor: 'diffuse_albedo',
    diffuseDirect: 'diffuse_direct',
    diffuseIndirect: 'diffuse_indirect',
    glossyColor: 'specular_albedo',
    glossyDirect: 'specular_direct',
    glossyIndirect: 'specular_indirect',
    transmissionColor: 'transmission_albedo',
    transmissionDirect: 'transmission_direct',
    transmissionIndirect: 'transmission_indirect',
    subsurfaceColor: 'sss_albedo',
    subsurfaceDirect: 'sss_direct',
    subsurfaceIndirect: 'sss_indirect',
    volumeDirect: 'volume_direct',
    volumeIndirect: 'volume_indirect',
  },
  lightGroup: 'RGBA_',
  cryptomattes: { object: 'crypto_object', material: 'crypto_material', asset: 'crypto_asset' },
  cryptomatteComponents: 'upper',
};

/** The names of Blender's passes that do not depend on its version, so that one comp takes the files of all. */
function oneName(plain: (name: string) => string): NamingPreset['passes'] {
  return Object.fromEntries(passIds.map((id) => [id, plain(passNames(blender, id)[0] ?? id)]));
}

/** One dot at most, so that every version of Nuke and of its Cryptomatte plug-in finds everything (NDK, exrReader.cpp). */
const nuke: NamingPreset = {
  ...blender,
  name: 'nuke',
  summary: 'Names that Nuke shows as they are: R, depth.Z, main_Normal.X, main_CryptoObject00.r.',
  separator: '_',
  dropsOnlyViewLayer: true,
  plainNames: true,
  beautyInRoot: true,
  passes: { ...oneName((name) => name.replaceAll(' ', '_')), depth: 'depth' },
};

/** Fusion's Loader shows R, G, B, A and Z by themselves (Fusion manual, "Loader"). */
const fusion: NamingPreset = {
  ...blender,
  name: 'fusion',
  summary: 'Names for Fusion and Resolve: R, Z, Normal.X, CryptoObject00.r.',
  dropsOnlyViewLayer: true,
  beautyInRoot: true,
  depthInRoot: true,
  passes: oneName((name) => name),
};

/** The presets that come with exrpipe. */
export const presets: readonly NamingPreset[] = [blender, nuke, arnold, fusion];

/** What a preset calls a pass, the name that it writes first; nothing where it has none. */
export function passNames({ passes }: Pick<NamingPreset, 'passes'>, id: PassId): readonly string[] {
  const names = passes[id] ?? [];
  return typeof names === 'string' ? [names] : names;
}

/**
 * A preset by its name.
 *
 * @throws ExrError of kind `usage` with the names there are.
 */
export function findPreset(name: string): NamingPreset {
  const found = presets.find((preset) => preset.name === name);
  if (found) return found;
  throw new ExrError('usage', 'NO_SUCH_PRESET', `there is no preset "${name}"`, {
    hint: `There are: ${presets.map((preset) => preset.name).join(', ')}; a file ending in .json or .yaml is a preset of your own.`,
  });
}

/**
 * A user's own preset, from what a JSON or YAML file holds: the fields of {@link NamingPreset}, those left out being taken from
 * the preset named in `like` (blender without it).
 *
 * @throws ExrError of kind `usage` that names the wrong field.
 */
export function presetFrom(value: unknown, name: string): NamingPreset {
  const given = fields(value, 'the preset');
  const { like = 'blender' } = given;
  const base = findPreset(text(like, 'like'));
  let preset = base;
  for (const [field, entry] of Object.entries(given)) preset = { ...preset, ...read(field, entry, base) };
  return { ...preset, name };
}

function read(field: string, value: unknown, base: NamingPreset): Partial<NamingPreset> {
  switch (field) {
    case 'like':
    case 'name':
      return {};
    case 'summary':
    case 'lightGroup':
      return { [field]: text(value, field) };
    case 'separator':
      if (value === '.' || value === '_') return { separator: value };
      throw wrong(field, 'must be "." or "_"');
    case 'cryptomatteComponents':
      if (value === 'lower' || value === 'upper') return { cryptomatteComponents: value };
      throw wrong(field, 'must be "lower" or "upper"');
    case 'dropsOnlyViewLayer':
    case 'plainNames':
    case 'beautyInRoot':
    case 'depthInRoot':
      if (typeof value === 'boolean') return { [field]: value };
      throw wrong(field, 'must be true or false');
    case 'passes':
      return { passes: { ...base.passes, ...names(value, field, passIds, layerNames) } };
    case 'cryptomattes':
      return { cryptomattes: { ...base.cryptomattes, ...names(value, field, cryptomatteKinds, layerName) } };
    default:
      throw wrong(field, 'is not a field of a preset');
  }
}

function names<Id extends string, Names>(
  value: unknown,
  field: string,
  known: readonly Id[],
  parse: (name: unknown, field: string) => Names,
): Partial<Record<Id, Names>> {
  const entries = Object.entries(fields(value, field)).map(([id, name]) => {
    const found = known.find((one) => one === id);
    if (!found) throw wrong(`${field}.${id}`, `is not one of ${known.join(', ')}`);
    return [found, parse(name, `${field}.${id}`)] as const;
  });
  return Object.fromEntries(entries) as Partial<Record<Id, Names>>;
}

function layerName(value: unknown, field: string): string {
  const name = text(value, field);
  if (name === '' || name.includes('.')) throw wrong(field, 'must be a name without dots');
  return name;
}

function layerNames(value: unknown, field: string): PassNames {
  if (!Array.isArray(value)) return layerName(value, field);
  if (value.length === 0) throw wrong(field, 'must be a name or a list of names');
  return value.map((name) => layerName(name, field));
}

function fields(value: unknown, field: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw wrong(field, 'must be a list of names and values');
}

function text(value: unknown, field: string): string {
  if (typeof value === 'string') return value;
  throw wrong(field, 'must be text');
}

function wrong(field: string, problem: string): ExrError {
  return new ExrError('usage', 'BAD_PRESET', `"${field}" ${problem}`);
}
