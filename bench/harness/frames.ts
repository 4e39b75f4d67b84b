/** The frames that benchmarks work on, each created on first use. */
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type PortableFrame, writePortableFrame } from './portable-frame.js';
import type { Tools } from './tools.js';

const run = promisify(execFile);

export type Size = '1080p' | '4K';
export type Colours = 'float' | 'half';

/** View layers of every frame. */
export const layers = ['BG', 'Chars', 'FG'] as const;

const sizes = { '1080p': [1920, 1080], '4K': [3840, 2160] } as const;
const smallSize = [256, 144] as const;

export class Frames {
  readonly #folder: string;
  readonly #tools: Tools;
  /** Whether all frames are small, to try the benchmarks themselves. */
  readonly small: boolean;
  readonly #made = new Map<string, Promise<string>>();

  constructor(folder: string, tools: Tools, small: boolean) {
    this.#folder = folder;
    this.#tools = tools;
    this.small = small;
  }

  /** One part with three view layers of 35 channels each, ZIP. */
  whole(size: Size, colours: Colours): Promise<string> {
    return this.#frame(`${size}-${colours}`, this.#sizeOf(size), colours, false);
  }

  /** The same as a compositor writes it: without Cryptomatte metadata. */
  lost(size: Size, colours: Colours): Promise<string> {
    return this.#frame(`${size}-${colours}-lost`, this.#sizeOf(size), colours, true);
  }

  /** A small render of the same scene with its Cryptomatte metadata. */
  donor(): Promise<string> {
    return this.#frame('donor', smallSize, 'float', false);
  }

  /** The view layers of {@link whole} as a file each. */
  async layerFiles(size: Size, colours: Colours): Promise<readonly string[]> {
    const name = `${size}-${colours}-layers`;
    const folder = await this.#once(name, async () => {
      const whole = await this.whole(size, colours);
      const folder = join(this.#folder, name);
      await mkdir(folder);
      const { native, exrpipe } = this.#tools;
      if (native) await run(native.split, [whole, folder]);
      else await this.#run([...exrpipe, 'split', '--by', 'view-layer', whole, '-o', join(folder, '{layer}.exr')]);
      return folder;
    });
    return layers.map((layer) => join(folder, `${layer}.exr`));
  }

  /** The view layers of {@link whole} as the parts of one file. */
  parts(size: Size, colours: Colours): Promise<string> {
    const name = `${size}-${colours}-parts.exr`;
    return this.#once(name, async () => {
      const files = await this.layerFiles(size, colours);
      const path = join(this.#folder, name);
      const { exrmultipart, exrpipe } = this.#tools;
      await this.#run(
        exrmultipart
          ? [exrmultipart, '-combine', '-i', ...files, '-o', path]
          : [...exrpipe, 'merge', '--as', 'parts', ...files, '-o', path],
      );
      return path;
    });
  }

  /** The same layers as Blender 5 stores them: a part for each pass. */
  passes(size: Size, colours: Colours): Promise<string> {
    const name = `${size}-${colours}-passes.exr`;
    return this.#once(name, async () => {
      const whole = await this.whole(size, colours);
      const path = join(this.#folder, name);
      await this.#run([...this.#tools.exrpipe, 'layout', '--to', 'parts', whole, '-o', path]);
      return path;
    });
  }

  /** {@link whole} in another compression. */
  coded(codec: string, size: Size, colours: Colours): Promise<string> {
    return this.#once(`${size}-${colours}-${codec}.exr`, async () =>
      this.#code(codec, await this.whole(size, colours)),
    );
  }

  /** {@link layerFiles} in another compression. */
  async codedLayers(codec: string, size: Size, colours: Colours): Promise<readonly string[]> {
    const coded: string[] = [];
    for (const path of await this.layerFiles(size, colours)) {
      coded.push(await this.#once(`${path}.${codec}`, () => this.#code(codec, path)));
    }
    return coded;
  }

  /** {@link codedLayers} as the parts of one file. */
  codedParts(codec: string, size: Size, colours: Colours): Promise<string> {
    const name = `${size}-${colours}-${codec}-parts.exr`;
    return this.#once(name, async () => {
      const path = join(this.#folder, name);
      const files = await this.codedLayers(codec, size, colours);
      await this.#run([...this.#tools.exrpipe, 'merge', '--as', 'parts', ...files, '-o', path]);
      return path;
    });
  }

  async #code(codec: string, path: string): Promise<string> {
    const coded = path.replace(/\.exr$/, `.${codec}.exr`);
    await this.#run([...this.#tools.exrpipe, 'compress', '--to', codec, path, '-o', coded]);
    return coded;
  }

  /** A folder for frames that a benchmark makes itself. */
  folder(name: string): Promise<string> {
    return this.#once(name, async () => {
      const folder = join(this.#folder, name);
      await mkdir(folder);
      return folder;
    });
  }

  #sizeOf(size: Size): readonly [number, number] {
    return this.small ? smallSize : sizes[size];
  }

  #frame(name: string, [width, height]: readonly [number, number], colours: Colours, lost: boolean): Promise<string> {
    return this.#once(name, async () => {
      const path = join(this.#folder, `${name}.exr`);
      const { native } = this.#tools;
      const frame: PortableFrame = { width, height, colours, lost, layers };
      if (!native) await writePortableFrame(frame, path);
      else {
        const words = [String(width), String(height), colours, 'zip', path, '0', ...(lost ? ['lost'] : [])];
        await this.#run([native.makeFrame, ...words]);
      }
      return path;
    });
  }

  async #run([program, ...words]: readonly string[]): Promise<void> {
    await run(program as string, words);
  }

  #once(name: string, make: () => Promise<string>): Promise<string> {
    const made = this.#made.get(name) ?? make();
    this.#made.set(name, made);
    return made;
  }
}
