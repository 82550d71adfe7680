/** What a benchmark leaves behind when it is broken off: nothing. */

const undoings: (() => void)[] = [];

/** Remembers how to undo what was just done; the returned function does it now. Each is done once. */
export function undoable(undo: () => void): () => void {
  undoings.push(undo);
  return () => {
    const at = undoings.lastIndexOf(undo);
    if (at < 0) return;
    undoings.splice(at, 1);
    undo();
  };
}

/** The last first. What cannot be undone is said, and does not keep the others. */
export function undoAll(): void {
  for (let undo = undoings.pop(); undo !== undefined; undo = undoings.pop()) {
    try {
      undo();
    } catch (error) {
      console.error(String(error));
    }
  }
}
