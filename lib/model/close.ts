/**
 * Closes something that was only read, or is no longer needed. A failure to close it does not affect what was read from it, and
 * must neither hide why the work failed nor end the process as an unhandled rejection.
 */
export async function closeQuietly(opened: { close(): Promise<void> } | undefined): Promise<void> {
  try {
    await opened?.close();
  } catch {}
}
