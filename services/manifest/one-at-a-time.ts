/**
 * Keeps pieces of work on one thing apart: each waits for those that came before it, on other things they go on side
 * by side. A box may back up two cards at once, and two seals of one drive would lose an entry of its chain.
 */
export function oneAtATime<Key>(): <Result>(key: Key, work: () => Promise<Result>) => Promise<Result> {
  const last = new Map<Key, Promise<unknown>>();
  return (key, work) => {
    const before = last.get(key) ?? Promise.resolve();
    const done = before.then(work);
    // One that failed has told its own caller; the next goes on.
    const settled = done.catch(() => undefined);
    last.set(key, settled);
    return done;
  };
}
