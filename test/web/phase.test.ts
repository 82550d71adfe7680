import { expect, test } from 'vitest';
import { phaseText } from '../../adapters/web/now/phase.ts';

const drives = [{ label: 'SSD-A' }, { label: 'SSD-B' }];

test('copies go to the drives, and are read back from them', () => {
  expect(phaseText({ phase: 'copying', drives }, 'en')).toBe('Copying to SSD-A, SSD-B');
  expect(phaseText({ phase: 'verifying', drives }, 'en')).toBe('Reading back from SSD-A, SSD-B');
  expect(phaseText({ phase: 'verifying', drives }, 'de')).toBe('Zurücklesen von SSD-A, SSD-B');
});

test('a backup without drives says what it does', () => {
  expect(phaseText({ phase: 'planned', drives: [] }, 'en')).toBe('Queued');
});
