/** BullMQ and Redis, which are installed by who wants a queue: loaded when a command needs them. */

import type * as Bullmq from 'bullmq';
import type { Redis, RedisOptions } from 'ioredis';
import { ExrError } from '../../lib/index.js';
import { loadModule, moduleAddress, queuePackages } from '../../lib/program.js';
import { usageError } from '../words/usage.js';
import type { Hashes } from './shot.js';

/** Both packages. */
export interface Engine {
  readonly bullmq: typeof Bullmq;
  readonly Redis: new (url: string, options: RedisOptions) => Redis;
}

/** Where Redis is looked for by default. */
export const usualRedis = 'redis://127.0.0.1:6379';

/** How to have a Redis that keeps the queue over a restart and drops nothing of it when memory is short. */
export function startRedis(url: string): string {
  const { port } = new URL(url);
  return `redis-server${port === '' || port === '6379' ? '' : ` --port ${port}`} --appendonly yes --maxmemory-policy noeviction`;
}

/** Milliseconds to wait for the first answer of Redis. Later it may be away for as long as it takes. */
const patience = 5000;

/**
 * From the standalone executable, which contains them, or as they are installed.
 * @throws ExrError `usage` that names what to install, where one of them is missing.
 */
export async function loadEngine(): Promise<Engine> {
  if (queuePackages !== undefined) {
    const { bullmq, Redis } = await loadModule(queuePackages);
    return { bullmq: bullmq as typeof Bullmq, Redis: Redis as Engine['Redis'] };
  }
  const [bullmq, ioredis] = await Promise.all(['bullmq', 'ioredis'].map(loadPackage));
  return { bullmq: bullmq as typeof Bullmq, Redis: (ioredis as { Redis: Engine['Redis'] }).Redis };
}

/** From the working folder, or beside exrpipe, as a plug-in would be found. */
async function loadPackage(name: string): Promise<unknown> {
  let address: string;
  try {
    address = await moduleAddress(name, '.');
  } catch (cause) {
    throw new ExrError(
      'usage',
      'NO_QUEUE_ENGINE',
      `queue and worker need the package ${name}, which is not installed`,
      {
        hint: 'Run "npm install bullmq ioredis" where exrpipe is installed ("npm install -g" where that was global).',
        cause,
      },
    );
  }
  const loaded = await loadModule(address);
  const { default: main } = loaded;
  return main ?? loaded;
}

/** The URL of Redis: as given, else of the environment, else on this machine. Throws `usage` for what is none. */
export function redisUrl(given: string | undefined): string {
  const { EXRPIPE_REDIS } = process.env;
  const url = given ?? (EXRPIPE_REDIS || usualRedis);
  if (!URL.canParse(url) || !/^rediss?:$/.test(new URL(url).protocol))
    throw usageError(`"${shownUrl(url)}" is not the address of a Redis`, 'Write for example redis://farm01:6379/0.');
  return url;
}

/** A URL without its password, for messages. */
export function shownUrl(url: string): string {
  return url.replace(/^(\w+:\/\/[^:@/]*):[^@/]*@/, '$1:***@');
}

/**
 * A connection that comes back by itself whenever Redis does, once it has answered for the first time.
 * @throws ExrError `io` when nothing answers there.
 */
export async function connect({ Redis }: Engine, url: string): Promise<Redis> {
  let reached = false;
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: patience,
    // What is asked while Redis is away waits for it. BullMQ requires that of its workers.
    maxRetriesPerRequest: null,
    retryStrategy: (times) => (reached ? Math.min(100 * times, 2000) : null),
  });
  let reason: Error | undefined;
  redis.on('error', (error) => {
    reason = error;
  });
  try {
    await redis.connect();
    await redis.ping();
  } catch (cause) {
    redis.disconnect();
    throw unreachable(url, reason ?? cause);
  }
  reached = true;
  return redis;
}

function unreachable(url: string, cause: unknown): ExrError {
  const message =
    cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : String(cause);
  if (/NOAUTH|WRONGPASS|NOPERM/.test(message))
    return new ExrError('usage', 'REDIS_REFUSED', `the Redis at ${shownUrl(url)} refuses the password: ${message}`, {
      hint: 'Put it into the address, redis://:PASSWORD@HOST:6379, best in the variable EXRPIPE_REDIS.',
      cause,
    });
  return new ExrError('io', 'NO_REDIS', `no Redis answers at ${shownUrl(url)}: ${message}`, {
    hint: startHint(url),
    cause,
  });
}

/** The commands that shots are kept with. */
export function hashesOf(redis: Redis): Hashes {
  return {
    hset: (key, field, value) => redis.hset(key, field, value),
    hget: (key, field) => redis.hget(key, field),
    hmget: (key, ...fields) => redis.hmget(key, ...fields),
    hgetall: (key) => redis.hgetall(key),
    del: (...keys) => redis.del(...keys),
    expire: (key, seconds) => redis.expire(key, seconds),
    zadd: (key, score, member) => redis.zadd(key, score, member),
    zrem: (key, member) => redis.zrem(key, member),
    zrange: (key, first, last) => redis.zrange(key, String(first), String(last)),
  };
}

/** By itself Redis takes connections from its own machine alone. */
function startHint(url: string): string {
  const { hostname } = new URL(url);
  return /^(localhost|127\..*|\[::1\])$/.test(hostname)
    ? `Start one with "${startRedis(url)}", or name another one's address (docs/queue.md).`
    : `Is it running on ${hostname}, and does it take connections from other machines (docs/queue.md)?`;
}

/** Whether Redis keeps what it holds over a restart. */
export async function isDurable(redis: Redis): Promise<boolean> {
  return /^aof_enabled:1/m.test(await redis.info('persistence'));
}
