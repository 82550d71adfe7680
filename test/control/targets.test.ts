import { describe, expect, test } from 'vitest';
import { findOne, onlyCard } from '../../services/control/targets.ts';

const card = (id: string, label = id) => ({ id, label, uuid: null, path: `/media/${id}` });

describe('the card that is meant', () => {
  test('by its label, its id or its path', () => {
    const cards = [card('A', 'SD1'), card('B', 'SD2')];
    for (const word of ['SD2', 'B', '/media/B']) expect(findOne(cards, word)).toBe(cards[1]);
    expect(findOne(cards, 'SD3')).toBeNull();
    expect(() => findOne([card('A', 'SD1'), card('B', 'SD1')], 'SD1')).toThrow(
      expect.objectContaining({ exitCode: 65 }),
    );
  });

  test('is the only one, where none is named', () => {
    const cards = [card('A')];
    expect(onlyCard(cards)).toBe(cards[0]);
    expect(() => onlyCard([])).toThrow(expect.objectContaining({ exitCode: 66 }));
    expect(() => onlyCard([...cards, card('B')])).toThrow(
      expect.objectContaining({ exitCode: 65, hint: 'name one: A or B' }),
    );
  });
});
