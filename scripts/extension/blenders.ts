/** The Blenders that the extension is tried in. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../blender5/programs.js';

export interface Blender {
  /** `bpy 5.3`, or `Blender 3.4.1`. */
  readonly name: string;
  /** What starts it with a script, whose path and words follow. */
  readonly command: readonly string[];
  /** What stands between the script and its words. */
  readonly before: readonly string[];
  readonly major: number;
  /** The script that builds extensions, and the Python for it. A Blender of its own has it inside. */
  readonly builder: { readonly python: string; readonly script: string } | undefined;
}

/** Blender as a Python module, each in a folder `bpy-VERSION` with its Python; the newest first. */
export async function modulesIn(folder: string): Promise<Blender[]> {
  const versions = (await readdir(folder)).flatMap((name) => /^bpy-(.*)/.exec(name)?.[1] ?? []);
  const newestFirst = versions.sort((one, other) => other.localeCompare(one, 'en', { numeric: true }));
  return Promise.all(
    newestFirst.map(async (version) => {
      const own = join(folder, `bpy-${version}`);
      const python = join(own, 'bin/python');
      const files = await readdir(own, { recursive: true });
      const script = files.find((name) => name.endsWith('bl_pkg/cli/blender_ext.py'));
      if (script === undefined) throw new Error(`bpy ${version} has no blender_ext.py`);
      return {
        name: `bpy ${version}`,
        command: [python],
        before: [],
        major: Number.parseInt(version, 10),
        builder: { python, script: join(own, script) },
      };
    }),
  );
}

/** A program, such as Debian's. */
export async function blenderAt(program: string): Promise<Blender> {
  const { stdout, stderr } = await run(program, ['--version'], 60_000);
  const version = /^Blender (\d+[\d.]*)/m.exec(stdout)?.[1];
  if (version === undefined) throw new Error(`${program} is no Blender: ${stderr.slice(-500)}`);
  return {
    name: `Blender ${version}`,
    command: [program, '-b', '--factory-startup', '--python'],
    before: ['--'],
    major: Number.parseInt(version, 10),
    builder: undefined,
  };
}
