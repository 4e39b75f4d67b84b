import type { SequenceEvent } from './events.js';
import type { SequenceOptions } from './options.js';

/**
 * The caller's event function, and a signal that is aborted when it throws: frames in progress are aborted, it gets no further
 * events, and its error becomes the run's.
 */
export class Listener {
  readonly signal: AbortSignal;
  readonly #onEvent: SequenceOptions['onEvent'];
  readonly #failure = new AbortController();

  constructor({ onEvent, signal }: Pick<SequenceOptions, 'onEvent' | 'signal'>) {
    this.#onEvent = onEvent;
    this.signal = AbortSignal.any(signal ? [signal, this.#failure.signal] : [this.#failure.signal]);
  }

  readonly tell = (event: SequenceEvent): void => {
    if (this.#failure.signal.aborted) return;
    try {
      this.#onEvent?.(event);
    } catch (error) {
      this.#failure.abort(error);
    }
  };

  /** Throws what the function threw. */
  check(): void {
    this.#failure.signal.throwIfAborted();
  }
}
