/** A cluster of one machine: munged, slurmctld and slurmd, as root, without systemd, on the loopback and ports of their own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { chmodSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type Ending, expectCode, isThere, run, tell, until } from './machine.js';

const programs = ['munged', 'slurmctld', 'slurmd', 'sbatch', 'scontrol', 'squeue', 'sinfo'];

/** Whether SLURM can be started here; what is lacking is said. */
export function slurmIsThere(): boolean {
  const lacking = programs.filter((program) => !isThere(program));
  const why =
    lacking.length > 0 ? `there is no ${lacking.join(', ')}` : process.getuid?.() === 0 ? '' : 'its daemons need root';
  if (why !== '') tell(`SLURM is left out: ${why} (Debian: slurmctld slurmd slurm-client munge)`);
  return why === '';
}

type Daemon = 'munged' | 'slurmctld' | 'slurmd';

export class Cluster {
  readonly #folder: string;
  readonly #daemons = new Map<Daemon, ChildProcess>();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async start(folder: string): Promise<Cluster> {
    const cluster = new Cluster(folder);
    for (const name of ['state', 'spool', 'munge']) mkdirSync(join(folder, name), { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o755);
    chmodSync(join(folder, 'munge'), 0o755);
    writeFileSync(join(folder, 'munge.key'), randomBytes(128), { mode: 0o400 });
    writeFileSync(join(folder, 'slurm.conf'), configuration(folder, await freePorts()));
    try {
      const munge = [
        'key-file=munge.key',
        'socket=munge/socket',
        'pid-file=munge.pid',
        'log-file=munge.log',
        'seed-file=munge.seed',
      ];
      const words = munge.map((word) => `--${word.replace('=', `=${folder}/`)}`);
      cluster.#start('munged', ['--force', '--foreground', ...words]);
      await until(() => hasFile(join(folder, 'munge/socket')), 'munged has no socket', 30);
      cluster.#start('slurmctld', ['-D', '-f', cluster.conf]);
      cluster.startWorker();
      await cluster.ready();
      return cluster;
    } catch (error) {
      for (const name of ['munged', 'slurmctld', 'slurmd']) tell(`${name}: ${cluster.#log(name)}`);
      await cluster.stop();
      throw error;
    }
  }

  get conf(): string {
    return join(this.#folder, 'slurm.conf');
  }

  get env(): Record<string, string> {
    return { SLURM_CONF: this.conf };
  }

  /** Runs one of SLURM's programs, or a script that does. */
  run(program: string, ...words: string[]): Promise<Ending> {
    return run(program, words, { env: this.env });
  }

  async ask(program: string, ...words: string[]): Promise<string> {
    const ended = await this.run(program, ...words);
    expectCode(ended, 0, `${program} ${words.join(' ')}`);
    return ended.out.trim();
  }

  /**
   * The node takes tasks, or will when those that end there have ended. As who runs a cluster would, a daemon that has
   * ended is started again and a node that was taken out is put back, both told.
   */
  async ready(): Promise<void> {
    let state = '';
    const isUp = async (): Promise<boolean> => {
      state = (await this.run('sinfo', '-h', '-o', '%t %E')).out.trim();
      const hasEnded = this.#hasEnded('slurmd');
      // SLURM takes a while to see that a daemon is gone.
      if (!hasEnded && /^(idle|mix|alloc|comp)/.test(state)) return true;
      if (hasEnded) {
        tell(`slurmd ended and is started again: ${this.#log('slurmd')}`);
        this.startWorker();
      } else if (/^(down|drain)/.test(state)) {
        tell(`the node is "${state}" and is put back`);
        await this.run('scontrol', 'update', `nodename=${node()}`, 'state=resume');
      }
      return false;
    };
    try {
      await until(isUp, 'the node is not up', 120);
    } catch (error) {
      throw new Error(`its state is "${state}"; slurmd: ${this.#log('slurmd')}`, { cause: error });
    }
  }

  startWorker(): void {
    this.#start('slurmd', ['-D', '-f', this.conf]);
  }

  /** The daemon of the node is gone at once; what it has started goes on. */
  killWorker(): Promise<void> {
    return this.#end('slurmd', 'SIGKILL');
  }

  async stop(): Promise<void> {
    await this.run('scancel', '--user=root').catch(() => undefined);
    for (const name of ['slurmd', 'slurmctld', 'munged'] as const) await this.#end(name, 'SIGTERM');
  }

  #start(name: Daemon, words: string[]): void {
    const log = openSync(join(this.#folder, `${name}.out`), 'a');
    const child = spawn(name, words, { env: { ...process.env, ...this.env }, stdio: ['ignore', log, log] });
    child.on('error', (error) => tell(`${name}: ${error.message}`));
    this.#daemons.set(name, child);
  }

  #hasEnded(name: Daemon): boolean {
    const child = this.#daemons.get(name);
    return child === undefined || child.exitCode !== null || child.signalCode !== null;
  }

  /** By its process id: other clusters may run on the machine. */
  #end(name: Daemon, signal: NodeJS.Signals): Promise<void> {
    const child = this.#daemons.get(name);
    this.#daemons.delete(name);
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
    const late = setTimeout(() => child.kill('SIGKILL'), 20_000);
    return new Promise((resolve) => {
      child.on('exit', () => {
        clearTimeout(late);
        resolve();
      });
      child.kill(signal);
    });
  }

  #log(name: string): string {
    try {
      return readFileSync(join(this.#folder, `${name}.out`), 'utf8').slice(-1500);
    } catch {
      return '';
    }
  }
}

function hasFile(path: string): boolean {
  try {
    openSync(path, 'r');
  } catch (error) {
    // A socket is there and cannot be opened.
    return error instanceof Error && 'code' in error && error.code === 'ENXIO';
  }
  return true;
}

/** Two ports that are free, below those that any program's connections are given: slurmd must get its port twice. */
async function freePorts(): Promise<[number, number]> {
  const found: number[] = [];
  while (found.length < 2) {
    const port = randomInt(10_000, 30_000);
    if (!found.includes(port) && (await isFree(port))) found.push(port);
  }
  return found as [number, number];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.on('error', () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}

function node(): string {
  return hostname().split('.')[0] as string;
}

function configuration(folder: string, [controller, worker]: [number, number]): string {
  const host = node();
  return `ClusterName=exrpipe
SlurmctldHost=${host}(127.0.0.1)
SlurmctldPort=${controller}
SlurmdPort=${worker}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=${folder}/munge/socket
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd.pid
SlurmctldLogFile=${folder}/slurmctld.log
SlurmdLogFile=${folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MpiDefault=none
ReturnToService=2
MinJobAge=3600
NodeName=${host} NodeAddr=127.0.0.1 CPUs=2 RealMemory=1000 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
`;
}
