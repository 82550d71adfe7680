import { describe, expect, test } from 'vitest';
import { drivesText, shareText } from '../../adapters/web/history/words.ts';

const lost = { label: 'SSD-B', outcome: 'failed', reason: 'drive-lost' } as const;

describe('the history of a backup', () => {
  test('says which drives, by their labels', () => {
    const drives = [{ label: 'SSD-A' }, { label: 'SSD-B' }];
    expect(drivesText(drives, 'de')).toBe(' auf SSD-A, SSD-B');
    expect(drivesText([], 'de')).toBe('');
  });

  test('says what became of each drive', () => {
    expect(shareText(lost, 'de')).toBe('SSD-B: Fehlgeschlagen. Das Laufwerk ist weg');
    expect(shareText({ ...lost, outcome: null, reason: null }, 'en')).toBe('SSD-B: Under way');
    expect(shareText({ ...lost, reason: 'of-a-newer-server' }, 'en')).toBe(
      'SSD-B: Failed. of-a-newer-server',
    );
  });
});
