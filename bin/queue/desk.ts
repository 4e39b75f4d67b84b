import { orAbort } from '../../lib/program.js';
import type { Session } from '../terminal/session.js';
import { connect, hashesOf, isDurable, loadEngine, redisUrl, shownUrl } from './engine.js';
import type { Desk } from './follow.js';
import { openJobs } from './jobs.js';
import { tellOutages } from './outages.js';
import { Shots } from './shot.js';

/** A connection to the queue. */
export interface OpenDesk extends Desk, AsyncDisposable {
  /** Whether Redis keeps the queue over a restart. */
  readonly durable: boolean;
  /** The address, without a password. */
  readonly url: string;
}

/** @throws ExrError `usage` where the packages are missing, `io` where Redis is. */
export async function openDesk(redisOption: string | undefined, { signal, reporter }: Session): Promise<OpenDesk> {
  const address = redisUrl(redisOption);
  const engine = await loadEngine();
  const redis = await orAbort(connect(engine, address), signal, (late) => late.disconnect());
  const jobs = openJobs(engine, redis);
  const durable = await isDurable(redis);
  let isOpen = true;
  tellOutages(redis, address, (text) => {
    if (isOpen) reporter.line(text);
  });
  return {
    shots: new Shots(hashesOf(redis)),
    jobs,
    durable,
    url: shownUrl(address),
    // Nothing is under way any more that must reach Redis, which may be away.
    async [Symbol.asyncDispose]() {
      isOpen = false;
      redis.disconnect();
    },
  };
}
