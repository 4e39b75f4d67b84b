import type { Header } from '../../lib/model/header.js';
import { openExrStream } from '../../lib/node/open.js';

/** The header of a picture that comes through stdin. The rest is not read. */
export async function readStdinHeader(): Promise<Header> {
  const document = await openExrStream(process.stdin);
  await document.source.close();
  return document.header;
}
