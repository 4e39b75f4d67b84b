/**
 * A made shot of a crowded scene: every header names all objects of the scene, and a few of them are in view. What studios
 * render, in small: the names are as long as paths in a scene graph, and which objects are in view changes from frame to frame.
 */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { bitsToFloat } from '../../lib/cryptomatte/hash.js';
import { formatManifest, layerKey, nameBits } from '../../lib/cryptomatte/index.js';
import { Attributes, type Channel, type ExrDocument, sortChannels, writeDocument } from '../../lib/index.js';
import { setAttributes } from '../../lib/layers/set-attributes.js';
import { documentOfLines, scanLines, singlePart } from './line-document.js';

export interface Crowd {
  /** Names in the manifest of each frame. */
  readonly names: number;
  /** Objects in view, of which every frame shows others; one column each. */
  readonly inView: number;
  readonly width: number;
  readonly height: number;
  /** Takes the first names out of the manifests of odd frames, as renderers do whose lists depend on the frame. */
  readonly uneven?: number;
  /** Names of the Cryptomattes; `CryptoObject` without it. */
  readonly sets?: readonly string[];
}

export const usualCrowd: Crowd = { names: 100_000, inView: 40, width: 480, height: 270 };

/** About 100 bytes, as paths in scene graphs have. */
export function crowdName(number: number): string {
  const [block, house, prop] = [Math.floor(number / 1000), Math.floor(number / 20) % 50, number % 20];
  const path = `/world/environment/city/district_${String(block).padStart(3, '0')}/house_${house}/interior/props/static/prop_${prop}`;
  return `${path}/geometry_${String(number).padStart(7, '0')}Shape`;
}

/** The names in view in one frame, from the left to the right. */
export function inViewOf({ names, inView }: Crowd, frame: number): string[] {
  return Array.from({ length: inView }, (_, column) => crowdName((frame * 3 + column * 977) % names));
}

/** The manifest of one frame, as a renderer writes it: in the scene's order. */
export function crowdNames({ names, uneven = 0 }: Crowd, frame: number): (readonly [string, number])[] {
  const from = frame % 2 === 1 ? uneven : 0;
  return Array.from({ length: names - from }, (_, number) => {
    const name = crowdName(from + number);
    return [name, nameBits(name)] as const;
  });
}

const manifests = new WeakMap<Crowd, Map<number, Uint8Array>>();

function manifestOf(crowd: Crowd, frame: number): Uint8Array {
  const kind = crowd.uneven ? frame % 2 : 0;
  const known = manifests.get(crowd) ?? new Map<number, Uint8Array>();
  manifests.set(crowd, known);
  const made = known.get(kind) ?? formatManifest(crowdNames(crowd, frame));
  known.set(kind, made);
  return made;
}

/** One frame, not written yet: colour, and two ranks of each Cryptomatte. */
export function crowdDocument(crowd: Crowd, frame: number): ExrDocument {
  const { width, height, sets = ['CryptoObject'] } = crowd;
  const objects = inViewOf(crowd, frame).map((name) => bitsToFloat(nameBits(name)));
  const names = [
    ...['R', 'G', 'B', 'A'].map((component) => component),
    ...sets.flatMap((set) => ['r', 'g', 'b', 'a'].map((component) => `${set}00.${component}`)),
  ];
  const channels = sortChannels(
    names.map(
      (name): Channel => ({
        name,
        type: 'float',
        xSampling: 1,
        ySampling: 1,
        linear: false,
        plane: { part: 0, index: 0 },
      }),
    ),
  ).map((one, index) => ({ ...one, plane: { part: 0, index } }));
  const part = { ...scanLines(width, height), channels };
  const arrived = singlePart({ ...part, compression: 'none', attributes: new Attributes() });
  const manifest = manifestOf(crowd, frame);
  const attributes = sets.flatMap((name) => setAttributes({ key: layerKey(name), name, manifest }));
  const header = singlePart({ ...part, compression: 'zip', attributes: new Attributes(attributes) });
  const read = async (line: number): Promise<Uint8Array> => {
    const samples = new Float32Array(width * channels.length);
    channels.forEach(({ name }, at) => {
      const plane = samples.subarray(at * width, (at + 1) * width);
      for (let x = 0; x < width; x++) plane[x] = shade(name.slice(name.lastIndexOf('.') + 1), x, line);
    });
    return new Uint8Array(samples.buffer);
  };
  /** Columns of objects; where two meet, both cover a half. */
  function shade(component: string, x: number, line: number): number {
    const column = Math.floor((x * objects.length) / width);
    const isEdge = Math.floor(((x + 1) * objects.length) / width) !== column && column + 1 < objects.length;
    switch (component) {
      case 'r':
        return objects[column] ?? 0;
      case 'g':
        return isEdge ? 0.5 : 1;
      case 'b':
        return isEdge ? (objects[column + 1] ?? 0) : 0;
      case 'a':
        return isEdge ? 0.5 : 0;
      default:
        return ((x * 7 + line * 13 + frame) % 256) / 255;
    }
  }
  return documentOfLines({ header, arrived, lineBytes: 4 * width * channels.length, read });
}

/** Writes frames as `FOLDER/crowd.0001.exr`, and gives their paths. */
export async function writeCrowd(crowd: Crowd, frames: readonly number[], folder: string): Promise<string[]> {
  mkdirSync(folder, { recursive: true });
  const paths: string[] = [];
  for (const frame of frames) {
    const path = join(folder, `crowd.${String(frame).padStart(4, '0')}.exr`);
    await writeDocument(crowdDocument(crowd, frame), path);
    paths.push(path);
  }
  return paths;
}
