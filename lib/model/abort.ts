/**
 * The result of a promise, unless a signal is aborted first: then its reason is thrown at once, whatever the work waits for. A
 * later result goes to `late`, which must not throw; a later error is ignored.
 */
export async function orAbort<T>(
  work: Promise<T>,
  signal: AbortSignal | undefined,
  late: (result: T) => void = () => {},
): Promise<T> {
  if (!signal) return work;
  return new Promise<T>((resolve, reject) => {
    let isGivenUp = false;
    const giveUp = (): void => {
      isGivenUp = true;
      reject(signal.reason);
    };
    const settled = (): void => signal.removeEventListener('abort', giveUp);
    work.then(
      (result) => {
        if (isGivenUp) return late(result);
        settled();
        resolve(result);
      },
      (error) => {
        settled();
        reject(error);
      },
    );
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
  });
}
