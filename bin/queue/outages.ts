import type { Redis } from 'ioredis';
import { shownUrl } from './engine.js';

/** Tells when Redis goes away and when it is back, once each. */
export function tellOutages(redis: Pick<Redis, 'on'>, url: string, say: (text: string) => void): void {
  let away = false;
  redis.on('close', () => {
    if (!away) say(`note: Redis at ${shownUrl(url)} is away; waiting for it`);
    away = true;
  });
  redis.on('ready', () => {
    if (away) say('note: Redis is back');
    away = false;
  });
}
