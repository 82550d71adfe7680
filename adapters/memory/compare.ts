/** Of the UTF-8 bytes, as SQLite compares: UTF-16 puts emoji before some other characters. */
export const compareBytes = (one: string, other: string): number =>
  Buffer.compare(Buffer.from(one), Buffer.from(other));
