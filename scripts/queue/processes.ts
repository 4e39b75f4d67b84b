/** Redis and the programs of a check, each of its own port and folder, ended by their process ids. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A program that was started, with what it wrote. */
export interface Started {
  readonly child: ChildProcess;
  /** stdout and stderr so far. */
  text(): string;
  /** The exit code, 128 + n after signal n. */
  readonly ended: Promise<number>;
}

const started = new Set<ChildProcess>();
// Whatever ends the check, nothing that it started stays.
process.on('exit', () => {
  for (const child of started) child.kill('SIGKILL');
});

export function start(command: string, words: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): Started {
  const child = spawn(command, words, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  started.add(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
  const ended = new Promise<number>((resolve) =>
    child.on('close', (code, signal) => {
      started.delete(child);
      resolve(code ?? (signal === 'SIGKILL' ? 137 : 128));
    }),
  );
  return { child, text: () => text, ended };
}

/** The same, with the milliseconds of processors that it and its children took, once it has ended. */
export function timed(
  command: string,
  words: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Started & { cpu(): number } {
  const script = 'TIMEFORMAT="cpu %U %S"; time "$@"';
  const run = start('bash', ['-c', script, 'bash', command, ...words], cwd, env);
  return {
    ...run,
    cpu: () => {
      const [, user = 0, system = 0] = /^cpu (\S+) (\S+)$/m.exec(run.text()) ?? [];
      return (Number(user) + Number(system)) * 1000;
    },
  };
}

/** Milliseconds of processors that a running program and its children have taken so far. For Linux. */
export function cpuTime({ child }: Started): number {
  return processTime(child.pid as number);
}

/** In hundredths of a second, as Linux counts them for programs. */
function processTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
    .replace(/^.*\) /s, '')
    .split(' ');
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean);
  return (
    (Number(fields[11]) + Number(fields[12])) * 10 + children.reduce((sum, one) => sum + processTime(Number(one)), 0)
  );
}

/** A Redis of the check's own. */
export class OwnRedis {
  readonly port: number;
  #folder: string;
  #process: Started | undefined;

  constructor(port: number, folder: string) {
    this.port = port;
    this.#folder = folder;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** With a log of what it is told, as docs/queue.md has it. */
  async start(): Promise<void> {
    mkdirSync(this.#folder, { recursive: true });
    const words = ['--port', `${this.port}`, '--bind', '127.0.0.1', '--dir', this.#folder, '--save', ''];
    this.#process = start('redis-server', [...words, '--appendonly', 'yes', '--maxmemory-policy', 'noeviction'], '/');
    while ((await this.ask('PING')).trim() !== 'PONG') {
      if (this.#process.child.exitCode !== null) throw new Error(`redis-server ended: ${this.#process.text()}`);
      await sleep(50);
    }
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.#process?.child.kill(signal);
    await this.#process?.ended;
  }

  /** Forgets everything: it starts in another folder. */
  async lose(): Promise<void> {
    await this.stop('SIGKILL');
    this.#folder += '-new';
    await this.start();
  }

  async ask(...words: readonly string[]): Promise<string> {
    const asked = start('redis-cli', ['-p', `${this.port}`, ...words], '/');
    await asked.ended;
    return asked.text();
  }

  /** A number of INFO. */
  async info(name: string): Promise<number> {
    return Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(await this.ask('INFO'))?.[1]);
  }
}

/** A port that is free at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
