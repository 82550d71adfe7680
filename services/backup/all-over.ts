/**
 * Waits until all of them are over and then throws the first error: nothing that was begun goes on behind the back of
 * whoever waits, on memory that is somebody else's by then.
 */
export async function allOver(promises: readonly Promise<unknown>[]): Promise<void> {
  for (const end of await Promise.allSettled(promises)) if (end.status === 'rejected') throw end.reason;
}
