import { describe, expect, test } from 'vitest';
import { driveId, inboxCardId } from '../../machines/ids.ts';
import { LED_SIGNALS } from '../../machines/signals.ts';
import type { Status } from '../../services/shapes.ts';
import { statusText } from '../../services/status-text.ts';
import { DRIVE, RUNNING, STATUS } from '../cli/scripted-appliance.ts';

const text = (change: Partial<Status>) => statusText({ ...STATUS, problems: [], ...change });
const lines = (change: Partial<Status>) => text(change).split('\n');
const card = STATUS.cards[0];
const cards = card === undefined ? [] : [{ ...card, backedUp: true }];
const problem = (blinks: number, message: string) => ({
  code: 'x',
  blinks,
  message,
  since: '2026-11-21T13:00:00.000Z',
});

describe('the status in sentences', () => {
  test('while a card is copied', () => {
    expect(statusText(STATUS)).toBe(
      [
        'Copying.',
        'Do not erase any card.',
        '"SD32GB-03": copying, 12 of 40 files, 40 per cent, 4 minutes left.',
        'Problem: The card does not fit.',
        '"PDRIVE128GB": 64 GB free of 128 GB.',
        '',
      ].join('\n'),
    );
  });

  test('when all is well', () => {
    expect(text({ signal: 'ready', cards, backups: [] })).toBe(
      'Ready.\nSafe to erase: "SD32GB-03".\n"PDRIVE128GB": 64 GB free of 128 GB.\n',
    );
    expect(lines({ signal: 'ready', cards: [], backups: [] })[1]).toBe('No card is attached.');
  });

  test.each([
    ['poweroff', 'Switched off. It is safe to cut the power.'],
    ['reboot', 'Restarting. Leave the power on.'],
    ['stop', 'Stopped. The box itself may still be on: do not cut its power.'],
    [null, 'Stopped. The box itself may still be on: do not cut its power.'],
  ] as const)('of the power, after %s', (ending, words) => {
    expect(lines({ signal: 'off', ending })[0]).toBe(words);
  });

  test.each(
    LED_SIGNALS.filter((signal) => signal !== 'ready'),
  )('under %s no card is safe to erase, also one that is backed up', (signal) => {
    expect(lines({ signal, cards })[1]).toBe('Do not erase any card.');
    expect(text({ signal, cards })).not.toContain('Safe to erase');
  });

  test('of uploads never says card, nor that anything of the drive may be erased', () => {
    const inbox = cards.map((one) => ({ ...one, id: inboxCardId(driveId('D')), label: 'Inbox of PDRIVE' }));
    const waiting = inbox.map((one) => ({ ...one, backedUp: false }));
    const of = (signal: Status['signal'], shown: Status['cards']) =>
      lines({ signal, cards: shown, backups: [] }).slice(0, 2);
    const keep = 'Do not erase any card, and keep what you uploaded on your phone.';
    const isCard = 'A card is attached that is not backed up, and nothing runs.';
    expect(of('attention', waiting)).toEqual(['Uploads are on a drive that are not backed up yet.', keep]);
    expect(of('attention', [...waiting, ...cards])[0]).toBe(
      'Uploads are on a drive that are not backed up yet.',
    );
    expect(of('attention', [...waiting, ...cards.map((one) => ({ ...one, backedUp: false }))])).toEqual([
      isCard,
      keep,
    ]);
    expect(of('attention', cards)[0]).toBe(isCard);
    expect(of('ready', inbox)[1]).toBe('No card is attached. What was uploaded is backed up.');
    expect(of('ready', [...inbox, ...cards])[1]).toBe(
      'Safe to erase: "SD32GB-03". What was uploaded is backed up.',
    );
  });

  test('of an error says its number', () => {
    expect(lines({ signal: 'error', code: 3 })[0]).toBe('Error 3.');
    expect(lines({ signal: 'error', code: null })[0]).toBe('Error.');
  });

  test.each([
    [59, 'less than a minute left'],
    [60, '1 minute left'],
    [61, '2 minutes left'],
    [3601, '1 hour 1 minute left'],
    [7200 + 540, '2 hours 9 minutes left'],
  ])('%d s are %s', (secondsLeft, words) => {
    expect(lines({ backups: [{ ...RUNNING, secondsLeft }] })[2]).toContain(words);
  });

  test('never says 100 per cent of a backup that runs', () => {
    const backups = [{ ...RUNNING, bytesDone: RUNNING.bytesTotal, secondsLeft: null }];
    expect(lines({ backups })[2]).toBe('"SD32GB-03": copying, 12 of 40 files, 99 per cent.');
    expect(lines({ backups: [{ ...RUNNING, bytesTotal: 0, secondsLeft: null, filesTotal: 1 }] })[2]).toBe(
      '"SD32GB-03": copying, 12 of 1 file.',
    );
    expect(lines({ backups: [{ ...RUNNING, phase: 'planned' }] })[2]).toBe(
      '"SD32GB-03": reading the list of files.',
    );
  });

  test('tells the lowest code first, three problems and two backups at most', () => {
    const problems = [problem(0, 'd'), problem(7, 'c'), problem(3, 'b'), problem(2, 'a')];
    const said = lines({ problems, backups: [RUNNING, RUNNING, RUNNING, RUNNING] });
    expect(lines({ problems: [problem(0, 'd')] })).toContain('Note: d');
    expect(said.slice(4, 9)).toEqual([
      '2 more cards are being backed up.',
      'Problem: a',
      'Problem: b',
      'Problem: c',
      '1 more problems.',
    ]);
  });

  test('leaves out drives that are not adopted, and says what is not known', () => {
    const drives = [
      { ...DRIVE, adopted: false },
      { ...DRIVE, label: 'B', freeBytes: null },
      { ...DRIVE, label: 'C', sizeBytes: null, freeBytes: 1.29e12 },
      { ...DRIVE, label: 'D', freeBytes: 5.9e6 },
    ];
    expect(lines({ drives, backups: [] }).slice(2)).toEqual([
      '"B": free space is not known.',
      '"C": 1.2 TB free.',
      '"D": 5 MB free of 128 GB.',
      '',
    ]);
  });

  test('a label makes no line of its own, looks like no other card, and steers no terminal', () => {
    const hostile = [
      'A\nSafe to erase: B',
      'A", "B',
      'A\u001b[2J\u0085\u2028',
      'A\u202e\u2066\u200f\u061c',
      'A\\',
    ];
    const label = (name: string) => ({ label: name, card: name });
    const cardsOf = hostile.flatMap((name) => cards.map((one) => ({ ...one, ...label(name) })));
    const safe = text({ signal: 'ready', cards: cardsOf, backups: [], drives: [] }).split('\n');
    expect(safe).toEqual([
      'Ready.',
      [
        'Safe to erase: "A\\nSafe to erase: B"',
        '"A\\", \\"B"',
        '"A\\u001b[2J\\u0085\\u2028"',
        '"A\\u202e\\u2066\\u200f\\u061c"',
        '"A\\\\".',
      ].join(', '),
      '',
    ]);
    for (const name of hostile) {
      const said = text({
        backups: [{ ...RUNNING, card: name }],
        drives: [{ ...DRIVE, label: name }],
        problems: [problem(3, `${name}: full`)],
      });
      expect(said.split('\n')).toHaveLength(6);
      expect(said).not.toMatch(/^(?!Do not|Copying|Problem: |")./m);
      for (const sign of name.match(/[^ -~]/g) ?? []) expect(said.replaceAll('\n', '')).not.toContain(sign);
    }
    const planned = text({ backups: [{ ...RUNNING, phase: 'planned', card: 'A\nB' }], drives: [] });
    expect(planned).toContain('"A\\nB": reading');
  });
});
