/** A small real shot: frames of Blender 5 whose Cryptomattes have lost their names, each with its number in it, and a donor. */
import { copyFileSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expectCode, exrpipe, run } from './machine.js';

const frames = fileURLToPath(new URL('../../../examples/frames/', import.meta.url));

export class Shot {
  readonly folder: string;
  readonly frames: number;
  readonly donor: string;
  readonly pattern: string;

  private constructor(folder: string, count: number) {
    this.folder = folder;
    this.frames = count;
    this.donor = join(folder, 'donor', 'names.exr');
    this.pattern = join(folder, 'shot', 'lost.####.exr');
  }

  static async make(folder: string, count: number): Promise<Shot> {
    const shot = new Shot(folder, count);
    for (const name of ['donor', 'shot', 'raw']) mkdirSync(join(folder, name), { recursive: true });
    copyFileSync(join(frames, 'blender5_donor.0001.exr'), shot.donor);
    for (let frame = 1; frame <= count; frame++)
      copyFileSync(
        join(frames, 'blender5_lost.0001.exr'),
        join(folder, 'raw', `lost.${String(frame).padStart(4, '0')}.exr`),
      );
    const made = await run(exrpipe, [
      'set-attribute',
      'shotFrame={frame}:int',
      '--per-frame',
      join(folder, 'raw', 'lost.####.exr'),
      ...['-o', `${folder}/shot/`, '--no-mark', '--quiet'],
    ]);
    expectCode(made, 0, 'making frames');
    rmSync(join(folder, 'raw'), { recursive: true });
    return shot;
  }

  frame(number: number): string {
    return join(this.folder, 'shot', `lost.${String(number).padStart(4, '0')}.exr`);
  }

  /** The same frames again and again in another folder, by links. Gives the number of the last. */
  repeated(folder: string, times: number): number {
    mkdirSync(folder);
    const last = this.frames * times;
    for (let frame = 1; frame <= last; frame++)
      linkSync(this.frame(((frame - 1) % this.frames) + 1), join(folder, `lost.${String(frame).padStart(4, '0')}.exr`));
    return last;
  }

  /** The end of the file is lost, as when a disk fills or a renderer is killed. */
  damage(number: number): void {
    const path = this.frame(number);
    copyFileSync(path, `${path}.good`);
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.subarray(0, Math.floor(bytes.length * 0.6)));
  }

  remove(number: number): void {
    renameSync(this.frame(number), `${this.frame(number)}.good`);
  }

  /** As it was before {@link damage} or {@link remove}. */
  heal(number: number): void {
    renameSync(`${this.frame(number)}.good`, this.frame(number));
  }

  /** Names from the donor, and names of layers without their view layer. */
  chain(output: string): string[] {
    return [
      ...['inject-manifest', '--from', this.donor, 'then', 'rename', '--strip-prefix', 'Chars.', this.pattern],
      ...['-o', output, '--frames', `1-${this.frames}`, '--missing', 'skip'],
    ];
  }

  /** The same on one machine. */
  onOneMachine(output: string): ReturnType<typeof run> {
    return run(exrpipe, [...this.chain(output), '--quiet']);
  }
}
