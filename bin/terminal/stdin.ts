import { fstatSync } from 'node:fs';

/**
 * Whether stdin was redirected to something to read: a file or a pipe of the shell. Not a terminal, `/dev/null`, or the socket that
 * programs leave open to others that they start: who waits for these waits for ever.
 */
export function isRedirected(): boolean {
  try {
    const found = fstatSync(0);
    return found.isFile() || found.isFIFO();
  } catch {
    return false; // Closed.
  }
}
