/**
 * Frames where no native program can be built: exrpipe itself encodes them. Like those of native/make-frame.cpp in what
 * matters for the figures: channels, noise, flat ID areas, manifests that fit the pixels.
 */
import { bitsToFloat } from '../../lib/cryptomatte/hash.js';
import { formatManifest, layerKey, nameBits } from '../../lib/cryptomatte/index.js';
import {
  Attributes,
  type Box,
  type Channel,
  type ExrDocument,
  type Header,
  type Part,
  type PixelType,
  sortChannels,
  writeDocument,
} from '../../lib/index.js';
import { setAttributes } from '../../lib/layers/set-attributes.js';

export interface PortableFrame {
  readonly width: number;
  readonly height: number;
  /** How colours are stored; all else is float. */
  readonly colours: 'float' | 'half';
  /** Leaves the Cryptomatte metadata out. */
  readonly lost: boolean;
  readonly layers: readonly string[];
}

/** A sample's value; `u` and `v` go from 0 to 1 over the picture, `noise` is random from 0 to 1. */
type Shade = (u: number, v: number, noise: number) => number;

interface Pass {
  readonly name: string;
  readonly colour: boolean;
  readonly shade: Shade;
}

const cryptomattes = ['CryptoObject', 'CryptoMaterial'] as const;
const columns = 12;
const rows = 9;

function objectNames(layer: string): string[] {
  return Array.from({ length: columns * rows }, (_, number) => `${layer}_object_${number}`);
}

/** The channels of one view layer, without its name in front. */
function passes(layer: string, number: number): Pass[] {
  const blob: Shade = (u, v) => Math.sin(u * (7 + number) + number) * Math.cos(v * (5 + number));
  const inside = (shade: Shade, outside = 0): Shade => {
    return (u, v, noise) => (blob(u, v, noise) > -0.2 ? shade(u, v, noise) : outside);
  };
  const colour = (base: number): Shade => inside((u, v, noise) => base + 0.3 * blob(u, v, noise) + 0.05 * noise);
  const ids = objectNames(layer).map((name) => bitsToFloat(nameBits(name)));
  const id = inside((u, v) => ids[Math.floor(u * columns) + columns * Math.floor(v * rows)] ?? 0);
  const edge = (u: number): number => Math.min(1, Math.abs(u * columns - Math.round(u * columns)) * 40);
  const none: Shade = () => 0;
  return [
    ...['R', 'G', 'B'].flatMap((name, i) => [
      { name: `Combined.${name}`, colour: true, shade: colour(0.4 + 0.1 * i) },
      { name: `DiffCol.${name}`, colour: true, shade: colour(0.5 + 0.1 * i) },
    ]),
    { name: 'Combined.A', colour: true, shade: inside(() => 1) },
    { name: 'Depth.Z', colour: false, shade: inside((u, v, noise) => 10 + 3 * blob(u, v, noise) + u, 1e10) },
    ...['X', 'Y', 'Z'].map((name, i) => ({
      name: `Normal.${name}`,
      colour: false,
      shade: inside((u) => Math.sin(u * 9 + i)),
    })),
    ...cryptomattes.flatMap((set) =>
      [0, 1, 2].flatMap((rank) => [
        { name: `${set}0${rank}.r`, colour: false, shade: rank === 0 ? id : none },
        { name: `${set}0${rank}.g`, colour: false, shade: rank === 0 ? inside(edge) : none },
        { name: `${set}0${rank}.b`, colour: false, shade: none },
        { name: `${set}0${rank}.a`, colour: false, shade: none },
      ]),
    ),
  ];
}

/** Writes a frame with all view layers in one part, ZIP. */
export async function writePortableFrame(frame: PortableFrame, path: string): Promise<void> {
  await writeDocument(shadedDocument(frame), path);
}

/** A document that arrives as float samples, uncompressed, shaded line by line when asked for. */
function shadedDocument(frame: PortableFrame): ExrDocument {
  const { width, height, colours, lost, layers } = frame;
  const all = layers.flatMap((layer, number) =>
    passes(layer, number).map((pass) => ({ ...pass, name: `${layer}.${pass.name}` })),
  );
  const shades = new Map(all.map(({ name, shade }) => [name, shade]));
  const channels = sortChannels(all.map(({ name }) => channel(name, 'float'))).map((one, index) => ({
    ...one,
    plane: { part: 0, index },
  }));
  const arrived = singlePart({
    ...scanLines(width, height),
    compression: 'none',
    channels,
    attributes: new Attributes(),
  });
  const stored = new Map(all.map(({ name, colour }) => [name, colour ? colours : 'float']));
  const header = singlePart({
    ...scanLines(width, height),
    compression: 'zip',
    channels: channels.map((one) => ({ ...one, type: stored.get(one.name) ?? 'float' })),
    attributes: new Attributes(lost ? [] : layers.flatMap(manifests)),
  });
  const read = async (line: number): Promise<Uint8Array> => {
    const samples = new Float32Array(width * channels.length);
    let at = 0;
    for (const { name } of channels) {
      const shade = shades.get(name);
      for (let x = 0; x < width; x++) samples[at++] = shade?.(x / width, line / height, Math.random()) ?? 0;
    }
    return new Uint8Array(samples.buffer);
  };
  const order = Array.from({ length: height }, (_, index) => ({ part: 0, index }));
  return {
    header,
    arrived,
    inputs: [],
    source: {
      order,
      missing: [],
      table: 'sound',
      ahead: order,
      random: true,
      closed: false,
      space: () => 4 * width * channels.length,
      read: ({ index }) => read(index),
      head: async ({ index }, length) => (await read(index)).subarray(0, length),
      pieces: async ({ index }) => {
        const bytes = await read(index);
        return { length: bytes.length, pieces: piece(bytes) };
      },
      peek: (chunks) => Promise.all(chunks.map(({ index }) => read(index))),
      makeRandom: async () => {},
      close: async () => {},
    },
  };
}

async function* piece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function channel(name: string, type: PixelType): Channel {
  return { name, type, xSampling: 1, ySampling: 1, linear: false, plane: { part: 0, index: 0 } };
}

function scanLines(width: number, height: number): Omit<Part, 'compression' | 'channels' | 'attributes'> {
  const window: Box = { xMin: 0, yMin: 0, xMax: width - 1, yMax: height - 1 };
  return {
    name: undefined,
    type: 'scanlineimage',
    dataWindow: window,
    displayWindow: window,
    lineOrder: 'increasing',
    tiles: undefined,
  };
}

function singlePart(part: Part): Header {
  return { parts: [part], longNames: false, multiPart: false };
}

function manifests(layer: string): ReturnType<typeof setAttributes> {
  const manifest = formatManifest(objectNames(layer).map((name) => [name, nameBits(name)] as const));
  return cryptomattes.flatMap((set) => {
    const name = `${layer}.${set}`;
    return setAttributes({ key: layerKey(name), name, manifest });
  });
}
