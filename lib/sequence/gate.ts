/** One owner's share of a budget. */
export interface Lease {
  /** Bytes that it has now; 0 while it waits. */
  readonly bytes: number;
  /**
   * Gives back its bytes and waits for its turn to get this many instead. A request larger than the whole budget is admitted
   * alone. Rejects with the reason if the lease ends meanwhile.
   */
  take(bytes: number): Promise<void>;
  /** Gives back everything; further calls do nothing. A pending wait rejects with the reason. */
  end(reason?: unknown): void;
}

/** A lease that waits for its turn. */
interface Turn {
  readonly bytes: number;
  readonly enter: () => void;
  readonly refuse: (reason: unknown) => void;
}

/** A shared budget, in bytes. A request for more than is free waits, first come, first served. */
export class Gate {
  readonly #total: number;
  readonly #waiting: Turn[] = [];
  #used = 0;

  constructor(total: number) {
    this.#total = total;
  }

  /** A lease for one owner, who ends it when done: only the lease gives bytes back, and so never twice. */
  lease(): Lease {
    let held = 0;
    let turn: Turn | undefined;
    let ended: { readonly reason: unknown } | undefined;
    const hold = (bytes: number): void => {
      this.#used += bytes - held;
      held = bytes;
    };
    return {
      get bytes() {
        return held;
      },
      take: (bytes) =>
        new Promise<void>((resolve, refuse) => {
          if (ended) return refuse(ended.reason);
          if (turn) return refuse(new RangeError('a lease can wait for only one request at a time'));
          hold(0);
          const enter = () => {
            turn = undefined;
            hold(bytes);
            resolve();
          };
          turn = { bytes, enter, refuse };
          this.#waiting.push(turn);
          this.#admit();
        }),
      end: (reason = new RangeError('the lease has ended')) => {
        if (ended) return;
        ended = { reason };
        hold(0);
        if (turn) {
          this.#waiting.splice(this.#waiting.indexOf(turn), 1);
          turn.refuse(reason);
        }
        this.#admit();
      },
    };
  }

  #admit(): void {
    for (let next = this.#waiting[0]; next && this.#fits(next.bytes); next = this.#waiting[0]) {
      this.#waiting.shift();
      next.enter();
    }
  }

  #fits(bytes: number): boolean {
    return this.#used === 0 || this.#used + bytes <= this.#total;
  }
}
