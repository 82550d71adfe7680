/** A choice of this browser. Without storage (a private window) it holds until the page is closed. */
export function keep(name: string, word: string): void {
  try {
    localStorage.setItem(`imagetank.${name}`, word);
  } catch {
    // Nothing to tell: the choice works, it is only not remembered.
  }
}

/** Null when none was made, or it is none of these words any more. */
export function kept<Word extends string>(name: string, words: readonly Word[]): Word | null {
  try {
    const word = localStorage.getItem(`imagetank.${name}`);
    return words.find((one) => one === word) ?? null;
  } catch {
    return null;
  }
}
