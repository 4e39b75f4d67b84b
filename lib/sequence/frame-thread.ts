/** A thread that processes whole frames: it opens, filters, packs and writes, so that small frames keep the cores busy. */
import { fromErrorData, toTracedErrorData } from '../model/error-data.js';
import { sharedRunners } from '../node/runners.js';
import { onOwnerMessage, postToOwner, threadSetup } from '../node/thread.js';
import { type FrameHost, processFrame, readAheadBudget } from './frame.js';
import type { FromThread, ThreadSetup, ToThread } from './messages.js';
import { makeSteps } from './steps.js';

/** One frame in progress here, as the run sees it. */
interface Current {
  readonly controller: AbortController;
  /** Waits for the answer to the one question that may be pending. */
  answer: { readonly resolve: (budget: number) => void; readonly reject: (error: unknown) => void } | undefined;
}

const setup = threadSetup<ThreadSetup>();
sharedRunners.useCallingThread();
const steps = makeSteps(setup.filters, setup.steps);
// A frame that waits for it gets the failure; before the first frame nothing waits.
steps.catch(() => {});
const frames = new Map<number, Current>();

onOwnerMessage((message: ToThread) => {
  const current = frames.get(message.id);
  switch (message.type) {
    case 'frame':
      void run(message);
      break;
    case 'granted':
      current?.answer?.resolve(message.budget);
      break;
    case 'refused':
      current?.answer?.reject(fromErrorData(message.error));
      break;
    case 'abort':
      current?.controller.abort();
      break;
  }
});

async function run({ id, item }: Extract<ToThread, { type: 'frame' }>): Promise<void> {
  const current: Current = { controller: new AbortController(), answer: undefined };
  frames.set(id, current);
  try {
    const tools = { steps: await steps, settings: setup.settings, runner: sharedRunners.inline() };
    const result = await processFrame(item, tools, makeHost(id, current));
    send({ type: 'result', id, result });
  } catch (error) {
    send({ type: 'error', id, error: toTracedErrorData(error) });
  } finally {
    frames.delete(id);
  }
}

function makeHost(id: number, current: Current): FrameHost {
  const ask = (question: FromThread) =>
    new Promise<number>((resolve, reject) => {
      current.answer = { resolve, reject };
      send(question);
    });
  return {
    signal: current.controller.signal,
    claim: async (paths, kind) => void (await ask({ type: 'claim', id, paths, kind })),
    admit: async (largest) =>
      largest <= setup.share ? readAheadBudget(setup.share, largest) : ask({ type: 'admit', id, largest }),
    notice: (notice) => send({ type: 'notice', id, notice }),
    progress: (done, bytes) => send({ type: 'progress', id, done, bytes }),
  };
}

function send(message: FromThread): void {
  postToOwner(message);
}
