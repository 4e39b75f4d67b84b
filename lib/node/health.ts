/** Whether this process has what exrpipe needs of the machine: for people who ask for help, and for programs that start it. */
import { tmpdir, totalmem } from 'node:os';
import { type Advice, adviceText, advise, optionNamed } from '../model/advice.js';
import { describeError } from '../model/error.js';
import { roomIn } from './files.js';
import { openSpool } from './spool.js';
import { coreCount } from './thread.js';
import { version } from './version.js';
import { WorkerPool } from './worker-pool.js';

/** Something that will go wrong, or may. */
export interface HealthProblem {
  readonly severity: 'error' | 'warning';
  /** Stable, for programs. */
  readonly code: 'OLD_NODE' | 'LITTLE_MEMORY' | 'NO_THREADS' | 'NO_TEMPORARY_FILES' | 'LITTLE_ROOM';
  readonly message: string;
  /** The message with the options that it names as data. */
  readonly wording?: Advice;
}

export interface Health {
  readonly version: string;
  /** Node's version without its `v`. */
  readonly node: string;
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  /** Threads that pack pixels unless another number is requested. */
  readonly threads: number;
  /** In bytes. `limit` is that of a container or a control group, where there is one that counts. */
  readonly memory: { readonly total: number; readonly available: number; readonly limit?: number };
  /** `free` in bytes; left out where the system does not tell. */
  readonly temporary: { readonly folder: string; readonly free?: number };
  readonly problems: readonly HealthProblem[];
}

/** What the findings are made from, apart from the trials: given by tests. */
export interface Surroundings {
  readonly node: string;
  readonly memory: Health['memory'];
  /** Free bytes of the folder for temporary files. */
  readonly free: number | undefined;
}

/** The first release of Node that exrpipe runs on (`engines` in package.json). */
const firstNode: readonly [major: number, minor: number] = [20, 19];

/** A frame of 4K with forty layers takes about as much while its chunks are packed by all threads of a workstation. */
const enoughMemory = 256 * 2 ** 20;

/** A temporary file is as large as the frame that comes through a pipe. */
const enoughRoom = 2 ** 30;

/** Looks at this process and tries what a frame will need: a thread with its codecs, and a temporary file. Never throws. */
export async function examine(): Promise<Health> {
  const folder = tmpdir();
  const free = await roomIn(folder);
  const node = process.versions.node;
  const memory = memoryOf();
  return {
    version,
    node,
    platform: process.platform,
    arch: process.arch,
    threads: coreCount(),
    memory,
    temporary: { folder, ...(free !== undefined && { free }) },
    problems: [
      ...problemsOf({ node, memory, free }),
      ...(await attempt('NO_THREADS', tryThread)),
      ...(await attempt('NO_TEMPORARY_FILES', tryTemporaryFile)),
    ],
  };
}

/** What the figures alone tell. */
export function problemsOf({ node, memory, free }: Surroundings): HealthProblem[] {
  const problems: HealthProblem[] = [];
  const [major = 0, minor = 0] = node.split('.').map(Number);
  const [leastMajor, leastMinor] = firstNode;
  if (major < leastMajor || (major === leastMajor && minor < leastMinor))
    problems.push({
      severity: 'error',
      code: 'OLD_NODE',
      message: `Node ${node} is older than ${firstNode.join('.')}, which exrpipe needs. Install a newer one.`,
    });
  if (memory.available < enoughMemory)
    problems.push({
      severity: 'warning',
      code: 'LITTLE_MEMORY',
      ...worded(
        advise`only ${megabytes(memory.available)} of memory are available. Large frames may need more; try ${optionNamed('threads', '1')} and ${optionNamed('memory', '64M')}.`,
      ),
    });
  if (free !== undefined && free < enoughRoom)
    problems.push({
      severity: 'warning',
      code: 'LITTLE_ROOM',
      message: `only ${megabytes(free)} are free for temporary files, which pipes need. Name another folder in ${process.platform === 'win32' ? 'TEMP' : 'TMPDIR'}.`,
    });
  return problems;
}

function worded(wording: Advice): Pick<HealthProblem, 'message' | 'wording'> {
  return { message: adviceText(wording), wording };
}

/** For people: `512 MiB`. */
export function megabytes(bytes: number): string {
  return `${Math.floor(bytes / 2 ** 20)} MiB`;
}

function memoryOf(): Health['memory'] {
  const total = totalmem();
  const limit = process.constrainedMemory();
  // Where there is no limit, the system reports none or a number beyond all memory.
  return { total, available: process.availableMemory(), ...(limit > 0 && limit < total && { limit }) };
}

async function attempt(code: HealthProblem['code'], trial: () => Promise<void>): Promise<HealthProblem[]> {
  try {
    await trial();
    return [];
  } catch (error) {
    return [{ severity: 'error', code, message: describeError(error) }];
  }
}

/** Packs one pixel on a thread. */
async function tryThread(): Promise<void> {
  const pool = new WorkerPool(1);
  try {
    const channel = { name: 'Y', type: 'half', xSampling: 1, ySampling: 1, linear: false } as const;
    const region = { x: 0, y: 0, width: 1, height: 1 };
    const source = { part: 0, compression: 'none', planes: [channel] } as const;
    const target = {
      compression: 'zips',
      planes: [{ ...channel, plane: { part: 0, index: 0 } }],
      settings: {},
    } as const;
    await pool.run({ kind: 'transcode', sources: [{ part: source, region }], targets: [{ part: target, region }] }, [
      new Uint8Array(2),
    ]);
  } finally {
    await pool.close();
  }
}

async function tryTemporaryFile(): Promise<void> {
  const spool = await openSpool();
  try {
    await spool.append(new Uint8Array(1));
  } finally {
    await spool.close();
  }
}
