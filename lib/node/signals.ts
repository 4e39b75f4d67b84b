import { setMaxListeners } from 'node:events';
import { setTimeout } from 'node:timers/promises';

/** Allows many listeners on the signal: every frame and job adds one, which Node would report as a leak. */
export function expectListeners(signal: AbortSignal): void {
  setMaxListeners(0, signal);
}

/** Waits, at most until the signal is aborted. */
export async function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  await setTimeout(milliseconds, undefined, { signal }).catch(() => {});
}
