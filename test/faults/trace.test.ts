import { expect, test } from 'vitest';
import { parseTrace } from './trace.ts';

const TRACE = `\
10 openat(AT_FDCWD</root>, "/r/state/journal.db", O_RDWR|O_CREAT, 0644) = 18</r/state/journal.db>
10 pwrite64(18</r/state/journal.db>, "\\"quoted\\" /r/card", 512, 0) = 512
11 openat(AT_FDCWD</root>, "/r/drive", O_RDONLY <unfinished ...>
10 close(18</r/state/journal.db>)          = 0
11 <... openat resumed>) = 19</r/drive>
11 openat(AT_FDCWD</root>, "/r/card/a.jpg", O_RDONLY) = 20</r/card/a.jpg>
11 link("/r/drive/x.part", "/r/drive/Photos/a.jpg") = 0
11 futex(0x7f, FUTEX_WAIT) = 0
+++ exited with 0 +++
`;

test('names each call with what it is about, of two paths the last', () => {
  expect(parseTrace(TRACE).map(({ name, path }) => `${name} ${path}`)).toEqual([
    'openat /r/state/journal.db',
    'pwrite64 /r/state/journal.db',
    'openat /r/drive',
    'close /r/state/journal.db',
    'openat /r/card/a.jpg',
    'link /r/drive/Photos/a.jpg',
    'futex ',
  ]);
});

test('counts the calls of each thread for itself, one that was interrupted once, and knows who came first', () => {
  const opens = parseTrace(TRACE).filter(({ name }) => name === 'openat');
  expect(opens.map(({ count, first }) => [count, first])).toEqual([
    [1, true],
    [1, false],
    [2, true],
  ]);
});
