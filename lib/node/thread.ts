/** Threads of this process, and the messages between them and their owner. */
import { parentPort, type ResourceLimits, Worker, workerData } from 'node:worker_threads';
import { embeddedText, type ProgramFile } from './program-files.js';

export { availableParallelism as coreCount } from 'node:os';

export interface ThreadOptions<From> {
  /** The thread's initial data, {@link threadSetup} there. */
  readonly setup?: unknown;
  readonly heap: ResourceLimits;
  readonly onMessage: (message: From) => void;
  /** Called, perhaps twice, when the thread has ended on its own. */
  readonly onEnd: (reason: string) => void;
}

export interface Thread<To> {
  post(message: To, transfer?: readonly ArrayBuffer[]): void;
  /** Whether the thread keeps the process alive. */
  hold(keeps: boolean): void;
  terminate(): Promise<void>;
}

/** A module that is run by threads: its name in the executable, and where its file is otherwise. */
export interface ThreadModule {
  readonly name: ProgramFile;
  readonly place: URL;
}

/** Starts a thread that runs a module. It keeps the process alive until told otherwise. */
export function startThread<To, From>({ name, place }: ThreadModule, options: ThreadOptions<From>): Thread<To> {
  const text = embeddedText(name);
  const worker = new Worker(text ?? place, {
    eval: text !== undefined,
    workerData: options.setup,
    resourceLimits: options.heap,
  });
  worker.on('message', options.onMessage);
  worker.on('error', (error) => options.onEnd(error.message));
  worker.on('exit', (code) => options.onEnd(`exit code ${code}`));
  return {
    post: (message, transfer = []) => worker.postMessage(message, transfer),
    hold: (keeps) => (keeps ? worker.ref() : worker.unref()),
    terminate: async () => void (await worker.terminate()),
  };
}

/** In a thread: its initial data. */
export function threadSetup<Setup>(): Setup {
  return workerData as Setup;
}

/** In a thread: listens to its owner. Earlier messages wait until then. */
export function onOwnerMessage<To>(listener: (message: To) => void): void {
  parentPort?.on('message', listener);
}

/** In a thread: sends a message to its owner. */
export function postToOwner<From>(message: From, transfer: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}
