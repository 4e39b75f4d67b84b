import type { Hash } from 'node:crypto';

/** Hashes with SHA-256. Node takes five milliseconds to load what it needs for that, and most commands do without. */
export function newSha256(): Hash {
  return process.getBuiltinModule('node:crypto').createHash('sha256');
}

/** SHA-256 of a text or of bytes, in hex digits. */
export function sha256(text: string | Uint8Array): string {
  return newSha256().update(text).digest('hex');
}
