/**
 * Closes what was only read, or is not needed any more. That it cannot be closed changes nothing about what was read from it,
 * and must neither hide why the work failed nor end the process as a rejection that nobody waits for.
 */
export async function closeQuietly(opened: { close(): Promise<void> } | undefined): Promise<void> {
  try {
    await opened?.close();
  } catch {}
}
