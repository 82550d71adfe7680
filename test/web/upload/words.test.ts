import { describe, expect, test } from 'vitest';
import { type Item, type ItemState, TOO_MANY } from '../../../adapters/web/upload/queue.ts';
import { totalOf } from '../../../adapters/web/upload/sums.ts';
import {
  paceText,
  refusalText,
  refusedText,
  slowText,
  stateText,
  totalText,
} from '../../../adapters/web/upload/words.ts';
import type { BackupStatus } from '../../../services/shapes.ts';
import { backupOf } from '../given.ts';

const drives: BackupStatus['drives'] = [
  {
    ...{ id: 'drive-1', label: 'SSD-A', phase: 'copying', outcome: null, reason: null },
    ...{ files: 1, bytes: 1, verifiedFrom: null },
  },
];
const copying = [backupOf({ drives })];
const others = [
  backupOf({ drives, outcome: 'done' }),
  backupOf({ drives, card: 'inbox of SSD-A' }),
  // It waits.
  backupOf({ drives: [] }),
];
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');
const item = (state: ItemState, sentBytes = 0): Item => ({
  id: 'a',
  name: 'a.JPG',
  sizeBytes: 5e6,
  sentBytes,
  tries: 0,
  state,
});

describe('a file', () => {
  test.each<[ItemState, number, string]>([
    [{ kind: 'waiting' }, 0, 'Waiting, 5.0 MB'],
    [{ kind: 'sending' }, 2e6, 'Uploading, 2.0 MB of 5.0 MB'],
    [{ kind: 'paused' }, 2e6, 'Paused, 2.0 MB of 5.0 MB'],
    [{ kind: 'paused' }, 0, 'Paused, 5.0 MB'],
    [{ kind: 'reconnecting', tries: 1, cause: 'lost' }, 2e6, 'No connection, tries again, 5.0 MB'],
    [{ kind: 'reconnecting', tries: 1, cause: 'busy' }, 2e6, 'The box is busy, tries again, 5.0 MB'],
    [{ kind: 'reconnecting', tries: 1, cause: 'full' }, 2e6, 'The drive is full, waits for room, 5.0 MB'],
    [{ kind: 'uploaded' }, 5e6, 'Uploaded, 5.0 MB'],
    [{ kind: 'cancelled' }, 0, 'Cancelled, 5.0 MB'],
    [
      { kind: 'refused', why: { code: 'upload-too-large', detail: '' } },
      0,
      'Too large for the room on the drive',
    ],
  ])('%j says %s', (state, sentBytes, words) => {
    expect(plain(stateText(item(state, sentBytes), 'en'))).toBe(words);
  });
});

describe('a refusal', () => {
  test.each([
    ['no-drive-for-uploads', 'No drive is attached that could take it'],
    ['uploads-off', 'Uploads are switched off in the settings'],
    ['viewer-only-reads', 'This device may only look'],
    ['unreadable', 'The phone does not give the file. Choose it again'],
  ])('%s is said in plain words', (code, words) => {
    expect(refusalText({ code, detail: 'technical' }, 'en')).toBe(words);
  });

  test('that is not known is said as the box said it', () => {
    expect(refusalText({ code: 'odd', detail: 'the moon is full' }, 'en')).toBe(
      'The box refused it: the moon is full',
    );
    expect(refusalText({ code: 'odd', detail: '' }, 'de')).toBe('Die Box hat sie abgelehnt');
  });
});

describe('all together', () => {
  const some = totalOf([item({ kind: 'uploaded' }, 5e6), { ...item({ kind: 'sending' }, 1e6), id: 'b' }]);

  test('says how many of how many', () => {
    expect(totalText(some, 'en')).toBe('Uploading 1 of 2 files');
    expect(totalText({ ...some, mood: 'reconnecting' }, 'de')).toBe(
      'Keine Verbindung. Es geht von selbst weiter.',
    );
    expect(totalText({ ...some, mood: 'paused' }, 'en')).toBe('Paused. 1 of 2 files uploaded');
  });

  test('says that it is slow while a card is copied, and only then', () => {
    expect(slowText(some, [...others, ...copying], 'de')).toContain('Die Karte geht vor');
    expect(slowText(some, others, 'de')).toBe('');
    expect(slowText({ ...some, mood: 'paused' }, copying, 'de')).toBe('');
  });

  test('says that the drive is full, and what to do, before that something is lost', () => {
    const lost = (cause: 'lost' | 'full', id: string) => ({
      ...item({ kind: 'reconnecting', tries: 1, cause }),
      id,
    });
    const full = totalOf([lost('lost', 'a'), lost('full', 'b')]);
    expect(totalText(full, 'de')).toContain('Das Laufwerk ist voll. Ein größeres anschließen');
  });

  test('says "uploaded" and never "backed up": that is for the light to say', () => {
    const over = totalText({ ...some, mood: 'over', uploaded: 2 }, 'en');
    expect(over).toBe('2 of 2 files uploaded');
  });

  test('says how many were not taken, and that they may be chosen again', () => {
    const state: ItemState = { kind: 'refused', why: TOO_MANY };
    const large: ItemState = { kind: 'refused', why: { code: 'upload-too-large', detail: '' } };
    const beyond = totalOf(['a', 'b'].map((id) => ({ ...item(state), id })));
    expect(refusedText(some, 'en')).toBe('');
    expect(refusedText(beyond, 'en')).toBe(
      '2 files were not taken: at most 5,000 at once. Choose them again when these are uploaded.',
    );
    expect(refusedText(totalOf([item(state), item(large)]), 'de')).toBe(
      '1 Datei wurde nicht angenommen: höchstens 5.000 auf einmal. Noch einmal wählen, wenn diese hochgeladen sind. ' +
        '1 Datei wurde abgelehnt: Warum, steht daneben.',
    );
    expect(stateText(item(state), 'en')).toBe('Not taken: at most 5,000 at once. Choose it again later');
  });

  test('never says that all are uploaded when some were not taken', () => {
    const over = totalOf([
      item({ kind: 'uploaded' }, 5e6),
      { ...item({ kind: 'refused', why: TOO_MANY }), id: 'b' },
    ]);
    expect(totalText(over, 'en')).toBe('1 of 2 files uploaded');
  });

  test('says the time that is left where it is known', () => {
    expect(plain(paceText(some, null, 'en'))).toBe('6.0 MB of 10 MB');
    expect(plain(paceText(some, 90, 'en'))).toBe('6.0 MB of 10 MB · 2 min left');
  });
});
