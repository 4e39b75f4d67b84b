type Port = InstanceType<typeof MessageChannel>['port1'];

/** The sending end of a channel whose other end is closed: whatever is transferred to it is freed. */
let drain: Port | undefined;

const worthIt = 64 << 10;

/**
 * Frees the memory of a buffer at once. The garbage collector would let tens of megabytes of dead chunks accumulate in
 * every thread before it runs. The buffer is detached: every view of it becomes empty. Small ones are left to the collector,
 * since a transfer costs about ten microseconds.
 */
export function release(bytes: Uint8Array): void {
  releaseAll([bytes]);
}

/** The same for several, at the cost of one. */
export function releaseAll(all: readonly Uint8Array[]): void {
  const buffers = new Set<ArrayBuffer>();
  for (const { buffer } of all) if (buffer instanceof ArrayBuffer && buffer.byteLength >= worthIt) buffers.add(buffer);
  if (buffers.size === 0) return;
  drain ??= openDrain();
  drain.postMessage(undefined, [...buffers]);
}

function openDrain(): Port {
  const { port1, port2 } = new MessageChannel();
  port2.close();
  return port1;
}
