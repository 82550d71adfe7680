import { beforeEach, expect, test } from 'vitest';
import type { InboxStanding } from '../../services/inbox/inbox-parts.ts';
import { Inboxes, type InboxesParts } from '../../services/inbox/inboxes.ts';
import type { InboxListing, TakenListing } from '../../services/inbox/ports.ts';
import { Bench, ID, p, settled } from './kit.ts';

let bench: Bench;
let inboxes: Inboxes;
let standing: InboxStanding | null;
let shown: (number | null)[];

beforeEach(() => {
  bench = new Bench();
  standing = null;
  shown = [];
  inboxes = build();
});

function build(change: Partial<InboxesParts> = {}): Inboxes {
  const { journal, clock, warn, driveOf, emit } = bench;
  return new Inboxes({
    ...{ clock, warn, driveOf, emit, log: journal.log, catalogue: journal.catalogue },
    open: async () => bench.inbox,
    copies: 'all',
    looks: true,
    starts: true,
    drives: () => [bench.drive],
    show: async (_, round) => {
      if (shown.at(-1) !== round) shown.push(round);
      standing = round === null ? null : { standing: 'unprotected', busy: false };
    },
    standing: () => standing,
    ...change,
  });
}

async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 2000) {
    bench.clock.advance(Math.min(left, 2000));
    await settled();
  }
}
const messages = () => inboxes.problems.map(({ message }) => message);

const ODD: readonly (readonly [string, Partial<InboxListing>, isCard: boolean, words: string])[] = [
  ['a link', { instead: 'link' }, true, 'it is a link, which is never followed'],
  ['something else', { instead: 'other' }, false, 'it is no folder, so nothing can be uploaded'],
  [
    'files in a hidden folder',
    { hidden: { files: 3, first: p('.a/b.jpg') } },
    true,
    '3 files lie in hidden folders (.a/b.jpg)',
  ],
  [
    'one hidden file',
    { hidden: { files: 1, first: p('.a/b.jpg') } },
    true,
    '1 file lies in a hidden folder (.a/b.jpg)',
  ],
  [
    'very many hidden files',
    { hidden: { files: 10_000, first: p('.a/b.jpg') } },
    true,
    '10,000 or more files lie in hidden folders (.a/b.jpg)',
  ],
  ['a bad folder', { unreadable: 1, firstUnreadable: p('bad') }, true, 'bad cannot be read'],
  ['bad folders', { unreadable: 3, firstUnreadable: p('bad') }, true, 'bad and 2 more cannot be read'],
];
test.each(
  ODD,
)('%s: a problem with its fix, once in the log, until it is over', async (_, odd, isCard, words) => {
  bench.inbox.odd = odd;
  await inboxes.start();
  await pass(10_000);
  expect(shown).toEqual([isCard ? 1 : null]);
  expect(inboxes.problems).toMatchObject([
    { code: 'inbox', blinks: 0, message: expect.stringContaining(`inbox of TANK: ${words}`) },
  ]);
  expect(bench.warnings).toEqual(messages());

  bench.inbox.odd = {};
  await pass(2000);
  expect([messages(), shown.at(-1)]).toEqual([[], null]);
});

test('a problem that changes keeps the time since when it is one, and is no news for the log', async () => {
  bench.inbox.odd = { hidden: { files: 1, first: p('.a/b.jpg') } };
  await inboxes.start();
  const [before] = inboxes.problems;
  bench.inbox.odd = { hidden: { files: 2, first: p('.a/b.jpg') } };
  await pass(10_000);
  const [after] = inboxes.problems;
  expect(after?.since).toBe(before?.since);
  expect(after?.message).not.toBe(before?.message);
  expect(bench.warnings).toEqual([before?.message]);
});

test('what was taken and cannot be read keeps the light from being green; the rest is seen to', async () => {
  bench.inbox.badTaken = { unreadable: 1, firstUnreadable: p('20261120-1') };
  bench.inbox.write(`.imagetank/taken/${ID}/a.jpg`, 'changed since');
  await inboxes.start();
  expect(Object.keys(bench.inbox.files)).toEqual(['inbox/a.jpg']);
  expect(messages()).toEqual([expect.stringContaining('.imagetank/taken/20261120-1 cannot be read')]);
  bench.inbox.delete('inbox/a.jpg');
  await pass(4000);
  expect(shown).toEqual([null, 1]);
  bench.inbox.badTaken = { unreadable: 0 };
  await pass(62_000);
  expect([messages(), shown.at(-1)]).toEqual([[], null]);
});

test.each([
  ['a.jpg changed', ['a.jpg'], 'a.jpg changed after being copied'],
  ['two files changed', ['a.jpg', 'b.jpg'], 'a.jpg and 1 more changed after being copied'],
])("%s after being taken, and something else has the inbox's place: no light is green over that", async (_, names, words) => {
  bench.inbox.odd = { instead: 'other' };
  for (const name of names) bench.inbox.write(`.imagetank/taken/${ID}/${name}`, 'changed since');
  await inboxes.start();
  await pass(10_000);
  expect(shown).toEqual([null, 1]);
  expect(messages()).toEqual([
    expect.stringContaining('it is no folder'),
    expect.stringContaining(`inbox of TANK: .imagetank/taken/${ID}/${words}`),
  ]);
  expect(bench.warnings).toEqual(messages());

  bench.inbox.odd = {};
  await pass(62_000);
  expect(messages()).toEqual([]);
  expect(Object.keys(bench.inbox.files)).toEqual(names.map((name) => `inbox/${name}`));
});

test('more was taken than is looked at: no light is green over the others, and it is told', async () => {
  const taken = bench.inbox.taken.bind(bench.inbox);
  bench.inbox.taken = async (maxFiles) => ({ ...(await taken(maxFiles)), more: true });
  await inboxes.start();
  expect(shown).toEqual([null, 1]);
  expect(messages()).toEqual([expect.stringContaining('cannot be looked at again before these are deleted')]);
  bench.inbox.taken = taken;
  await pass(62_000);
  expect([messages(), shown.at(-1)]).toEqual([[], null]);
});

test('when nothing can be said of what was taken, no light is green and the reason is told', async () => {
  const taken = bench.inbox.taken.bind(bench.inbox);
  bench.inbox.taken = (): Promise<TakenListing> => Promise.reject(new Error('EIO'));
  await inboxes.start();
  expect([shown, messages()]).toEqual([[null, 1], ['inbox of TANK: EIO']]);
  expect(bench.warnings).toEqual(['inbox of TANK: EIO']);
  bench.inbox.taken = taken;
  await pass(62_000);
  expect([messages(), shown.at(-1)]).toEqual([[], null]);
});

test('before a drive is let go, what a client changed after it was taken comes back and stops that', async () => {
  await inboxes.start();
  bench.inbox.write(`.imagetank/taken/${ID}/a.jpg`, 'changed since');
  await expect(inboxes.leave(bench.drive)).rejects.toMatchObject({
    code: 'inbox-changed',
    exitCode: 75,
    message: 'TANK: 1 file changed after being copied: back in the inbox',
    hint: 'wait until the light is green; a second `drive eject` lets it go as it is',
  });
  expect(Object.keys(bench.inbox.files)).toEqual(['inbox/a.jpg']);
  expect(shown.at(-1)).toBe(1);
  await inboxes.leave(bench.drive);
});

test('with inbox = false what came back is told, and nobody is to wait for a light', async () => {
  inboxes = build({ looks: false });
  await inboxes.start();
  bench.inbox.write('inbox/b.jpg', 'nobody wants it');
  bench.inbox.write(`.imagetank/taken/${ID}/a.jpg`, 'changed since');
  await expect(inboxes.leave(bench.drive)).rejects.toMatchObject({
    code: 'inbox-changed',
    hint: 'with `inbox = false` nothing copies it from there; a second `drive eject` lets it go as it is',
  });
  await inboxes.leave(bench.drive);
});

test('a drive with uploads that wait is let go at the second time, until none waited', async () => {
  await inboxes.start();
  for (const [names, words] of [
    [['a.jpg', 'b.jpg'], '2 files of its inbox are'],
    [['c.jpg'], '1 file of its inbox is'],
  ] as const) {
    for (const name of names) bench.inbox.write(`inbox/${name}`, 'new');
    await expect(inboxes.leave(bench.drive)).rejects.toMatchObject({
      code: 'inbox-waiting',
      exitCode: 75,
      message: `TANK: ${words} not in the library yet`,
    });
    bench.inbox.write('inbox/late.jpg', 'later');
    await pass(4000);
    await inboxes.leave(bench.drive);
    for (const name of [...names, 'late.jpg']) bench.inbox.delete(`inbox/${name}`);
    await pass(4000);
  }
});

test('a drive that keeps a changed upload that cannot go back is let go at the second time', async () => {
  bench.inbox.odd = { instead: 'other' };
  bench.inbox.write(`.imagetank/taken/${ID}/a.jpg`, 'changed since');
  await inboxes.start();
  await expect(inboxes.leave(bench.drive)).rejects.toMatchObject({ code: 'inbox-waiting', exitCode: 75 });
  await pass(4000);
  await inboxes.leave(bench.drive);
});

test('a drive of which nothing was taken, or that has no inbox, is let go', async () => {
  await inboxes.start();
  await inboxes.leave(bench.drive);
  await inboxes.leave({ ...bench.drive, id: 'other' as typeof bench.drive.id });
  expect(shown).toEqual([null]);
});
