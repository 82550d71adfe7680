/** Errors of a sync itself, not of what led to it. */
const failed = new WeakSet<Error>();

/** Marks an error as one of a sync that was tried: what others wrote may be lost with it. */
export function asFailedSync<T>(error: T): T {
  if (error instanceof Error) failed.add(error);
  return error;
}

/** True also for what was made of such an error. */
export function isFailedSync(error: unknown): boolean {
  return error instanceof Error && (failed.has(error) || isFailedSync(error.cause));
}
