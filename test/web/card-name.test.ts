import { expect, test } from 'vitest';
import { cardName } from '../../adapters/web/card-name.ts';
import { inboxLabel } from '../../services/inbox-label.ts';

test('a card has its label, an inbox its words in the language of the page', () => {
  expect(cardName('SD32GB-03', 'de')).toBe('SD32GB-03');
  expect(cardName(inboxLabel('PDRIVE'), 'de')).toBe('Uploads auf PDRIVE');
  expect(cardName(inboxLabel('PDRIVE'), 'en')).toBe('Uploads on PDRIVE');
});
