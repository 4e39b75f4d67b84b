/**
 * Blender's names for its passes in files: `<view layer>.<pass>.<component>`. A pass after a dot proves that what precedes it
 * is a view layer.
 */
import { blenderPass } from './kinds.js';

/** Up to 4.5 (RE_pipeline.h and Cycles' pass registry, 2.8 to 4.5). */
const short = [
  'Combined',
  'Depth',
  'Mist',
  'Position',
  'Normal',
  'Vector',
  'UV',
  'Emit',
  'Env',
  'Shadow',
  'Shadow Catcher',
  'AO',
  'IndexOB',
  'IndexMA',
  'Freestyle',
  'BloomCol',
  'Transp',
  'GreasePencil',
  'Noisy Image',
  'Noisy Shadow Catcher',
  'Denoising Normal',
  'Denoising Albedo',
  'Denoising Depth',
  'Debug Sample Count',
  ...['Diff', 'Gloss', 'Trans', 'Subsurface', 'Volume'].flatMap((kind) => [`${kind}Dir`, `${kind}Ind`, `${kind}Col`]),
];

/** From 5.0 on: renamed and new passes (as seen in files of 5.3). */
const long = [
  ...['Diffuse', 'Glossy', 'Transmission', 'Subsurface', 'Volume'].flatMap((kind) => [
    `${kind} Direct`,
    `${kind} Indirect`,
    `${kind} Color`,
  ]),
  'Volume Scatter',
  'Volume Transmit',
  'Volume Majorant',
  'Emission',
  'Environment',
  'Ambient Occlusion',
  'Object Index',
  'Material Index',
  'Grease Pencil',
  'Render Time',
  'Denoising Specular Albedo',
  'Denoising Roughness',
  'Denoising Backward Motion',
  'Denoising Specular Motion',
];

const passes: ReadonlySet<string> = new Set([...short, ...long]);

/** True for a pass Blender itself makes; light groups (`Combined_key`) count; AOVs are named by the artist. */
export function isKnownPass(pass: string): boolean {
  return passes.has(pass) || pass.startsWith('Combined_') || blenderPass.test(pass);
}

/** The part of a layer's name before the last known pass, '' where there is only the pass. Undefined for a name without one. */
export function beforeKnownPass(layer: string): string | undefined {
  for (let dot = layer.lastIndexOf('.'); dot >= 0; dot = layer.lastIndexOf('.', dot - 1)) {
    if (isKnownPass(layer.slice(dot + 1))) return layer.slice(0, dot);
    if (dot === 0) break;
  }
  return isKnownPass(layer) ? '' : undefined;
}
