import { setMaxListeners } from 'node:events';
import { setTimeout } from 'node:timers/promises';

/** Many may listen to the signal at once: every frame and job does, which Node would take for a leak. */
export function expectListeners(signal: AbortSignal): void {
  setMaxListeners(0, signal);
}

/** Waits, at most until the signal comes. */
export async function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  await setTimeout(milliseconds, undefined, { signal }).catch(() => {});
}
