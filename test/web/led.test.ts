import { describe, expect, test } from 'vitest';
import { blinksIn, ledAt, mannerOf } from '../../adapters/web/now/led.ts';

/** How long each stretch of light and dark is, in ms, seen every 10 ms. */
function seen(value: string, ms: number): string {
  const samples = Array.from({ length: ms / 10 }, (_, index) => ledAt(value, index * 10));
  const stretches: string[] = [];
  let from = 0;
  samples.forEach((lit, index) => {
    if (samples[index + 1] === lit) return;
    stretches.push(`${lit ? 'lit' : 'dark'} ${(index + 1 - from) * 10}`);
    from = index + 1;
  });
  return stretches.join(', ');
}

describe('a LED of the page', () => {
  test('is steadily on or off', () => {
    expect(seen('on', 3000)).toBe('lit 3000');
    expect(seen('off', 3000)).toBe('dark 3000');
  });

  test('blinks as the one of the board', () => {
    expect(seen('blink 100/1900', 4000)).toBe('lit 100, dark 1900, lit 100, dark 1900');
    expect(seen('pulse 400/400', 1600)).toBe('lit 400, dark 400, lit 400, dark 400');
  });

  test('counts a code, pauses and counts again', () => {
    const three = 'lit 200, dark 200, lit 200, dark 200, lit 200, dark 1400';
    expect(seen('code 3', 4800)).toBe(`${three}, ${three}`);
    expect(blinksIn('code 3')).toBe(3);
    expect(blinksIn('on')).toBeNull();
  });

  test.each([
    '',
    'ON',
    'blink',
    'blink 0/0',
    'green',
    'code 0',
    'code x',
  ])('is dark for %j, which nobody defined', (value) => {
    expect(seen(value, 3000)).toBe('dark 3000');
    expect(mannerOf(value) === 'off' || mannerOf(value) === 'code').toBe(true);
  });

  test('is told in words', () => {
    const words = [
      'off',
      'on',
      'blink 100/1900',
      'blink 200/200',
      'pulse 400/400',
      'blink 100/100',
      'code 7',
    ];
    expect(words.map(mannerOf)).toEqual(['off', 'on', 'slow', 'blink', 'blink', 'fast', 'code']);
  });
});
