/** Finds the programs to compare with, builds our own native ones, and reports what is missing. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from './measure.js';

export interface Tools {
  /** exrpipe as a user runs it. */
  readonly exrpipe: Command;
  /** GNU time. */
  readonly time: string | undefined;
  readonly exrstdattr: string | undefined;
  readonly exrmultipart: string | undefined;
  readonly exrheader: string | undefined;
  readonly oiiotool: string | undefined;
  /** Python with the OpenEXR package of PyPI, and the script that it runs. */
  readonly python: Command | undefined;
  /** Ours, from bench/native. */
  readonly native: NativeTools | undefined;
  /** The version of OpenEXR that they are built against. */
  readonly openexr: string | undefined;
  /** Prints digests of a file's channels; the judge of "same pixels". */
  readonly digest: string | undefined;
  /** A line for each missing thing, with what is skipped without it. */
  readonly missing: readonly string[];
}

export interface NativeTools {
  readonly makeFrame: string;
  readonly split: string;
  readonly merge: string;
  readonly pick: string;
}

/** `folder` takes the native programs. */
export function findTools(folder: string): Tools {
  const { EXR_DIGEST, EXR_PYTHON = 'python3', OIIOTOOL = 'oiiotool' } = process.env;
  const missing: string[] = [];
  const need = <Tool>(tool: Tool | undefined, complaint: string): Tool | undefined => {
    if (tool === undefined) missing.push(complaint);
    return tool;
  };
  const program = (name: string, probe: string, source: string): string | undefined =>
    need(answers(name, probe) ? name : undefined, `${name}: not found (${source}; left out)`);
  return {
    exrpipe: [process.execPath, fileURLToPath(new URL('../../cli/bin/exrpipe.js', import.meta.url))],
    time: need(gnuTime(), 'GNU time: not found (Debian package "time"); only wall times are measured'),
    exrstdattr: program('exrstdattr', '-h', 'Debian package "openexr"'),
    exrmultipart: program('exrmultipart', '-h', 'Debian package "openexr"'),
    exrheader: program('exrheader', '-h', 'Debian package "openexr"'),
    oiiotool: program(OIIOTOOL, '--help', 'Debian package "openimageio-tools", or OpenImageIO of PyPI by OIIOTOOL'),
    python: need(
      openexrPython(EXR_PYTHON),
      'EXR_PYTHON: not a Python with the OpenEXR package of PyPI, 3.3 or later; its script is left out',
    ),
    native: need(
      buildNative(folder),
      'C++ programs: not built (they need make, g++, pkg-config and Debian package "libopenexr-dev"); left out, and frames are made by exrpipe itself',
    ),
    openexr: openexrVersion(),
    digest: need(
      existing(EXR_DIGEST),
      'EXR_DIGEST: does not name a program that digests channels; outputs are not compared',
    ),
    missing,
  };
}

/** The conditions of the figures, a line each. */
export function machineFacts({ exrpipe, oiiotool, openexr, python }: Tools): string[] {
  const processors = cpus();
  return [
    `${processors.length} x ${processors[0]?.model.trim() ?? 'unknown processor'}, ${Math.round(totalmem() / 1e9)} GB of memory, ${process.platform}`,
    `exrpipe ${firstLine([...exrpipe, '--version']) ?? 'unknown'}, Node ${process.version}`,
    `OpenEXR ${openexr ?? 'not found'}, OpenImageIO ${(oiiotool && firstLine([oiiotool, '--version'])) ?? 'not found'}, OpenEXR for Python ${(python && pythonVersion(python[0] as string)) ?? 'not found'}`,
  ];
}

function openexrVersion(): string | undefined {
  return firstLine(['pkg-config', '--modversion', 'OpenEXR']);
}

/** The package of the same name that Debian has knows no multi-part files and another interface. */
function openexrPython(python: string): Command | undefined {
  const script = fileURLToPath(new URL('../../../bench/native/layers.py', import.meta.url));
  return spawnSync(python, ['-c', 'import OpenEXR; OpenEXR.File'], { stdio: 'ignore' }).status === 0
    ? [python, script]
    : undefined;
}

function pythonVersion(python: string): string | undefined {
  return firstLine([python, '-c', 'import OpenEXR; print(OpenEXR.__version__)']);
}

function answers(program: string, probe: string): boolean {
  return spawnSync(program, [probe], { stdio: 'ignore' }).error === undefined;
}

/** Other systems have a `time` of another kind, and shells one of their own. */
function gnuTime(): string | undefined {
  const { stdout, stderr } = spawnSync('time', ['--version'], { encoding: 'utf8' });
  return /GNU/.test(`${stdout}${stderr}`) ? 'time' : undefined;
}

function buildNative(folder: string): NativeTools | undefined {
  const sources = fileURLToPath(new URL('../../../bench/native/', import.meta.url));
  const { status } = spawnSync('make', ['-C', sources, `BUILD=${folder}`], { stdio: 'ignore' });
  if (status !== 0) return undefined;
  const [makeFrame, split, merge, pick] = ['make-frame', 'split', 'merge', 'pick'].map((name) => join(folder, name));
  return { makeFrame, split, merge, pick } as NativeTools;
}

function existing(path: string | undefined): string | undefined {
  return path !== undefined && existsSync(path) ? path : undefined;
}

function firstLine([program, ...words]: Command): string | undefined {
  const { status, stdout } = spawnSync(program as string, words, { encoding: 'utf8' });
  return status === 0 ? stdout.split('\n')[0]?.trim() : undefined;
}
