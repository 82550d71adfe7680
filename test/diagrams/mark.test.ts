import { beforeAll, describe, expect, test } from 'vitest';
import { svgOf } from '../../adapters/viz/svg.ts';
import { activeStates, initialState } from '../../machines/decide.ts';
import { diagramOf } from '../../services/diagrams/diagrams.ts';
import { MACHINES } from '../../services/diagrams/machines.ts';
import { markedSvg } from '../../services/diagrams/mark.ts';

const plain = { appliance: '', backup: '' };
beforeAll(async () => {
  for (const machine of MACHINES) plain[machine] = await svgOf(diagramOf(machine, 'dot'));
});

/** Titles of the groups that are marked. */
const markedIn = (svg: string) =>
  [
    ...svg.matchAll(
      /class="(?:node|cluster) now">\n<title>(?:cluster )?([^<]+)<\/title>\n<path [^>]*stroke="#0b57d0" stroke-width="([\d.]+)"/g,
    ),
  ].map(([, title, width]) => `${title} ${width}`);

describe('a marked chart', () => {
  test('has a strong border round the state and a thin one round what it lies in, and nothing else', () => {
    const svg = markedSvg(plain.appliance, [
      'appliance',
      'appliance.life',
      'appliance.life.ready',
      'appliance.life.ready.clear',
    ]);
    expect(markedIn(svg).toSorted()).toEqual([
      'appliance.life 1.5',
      'appliance.life.ready 1.5',
      'appliance.life.ready.clear 3',
    ]);
    expect(svg.match(/#0b57d0/g)).toHaveLength(3);
  });

  test('says the innermost states in words', () => {
    const states = [
      'appliance',
      'appliance.life',
      'appliance.life.copying',
      'appliance.door',
      'appliance.door.settling',
    ];
    const svg = markedSvg(
      plain.appliance,
      states.filter((id) => id !== 'appliance.life.copying'),
    );
    expect(svg).toContain('role="img" aria-label="Now: life, door settling."');
    expect(svg).toContain('<desc>Now: life, door settling.</desc>');
  });

  test('of several backups marks each phase', () => {
    const svg = markedSvg(plain.backup, ['backup.copying', 'backup.sealing']);
    expect(markedIn(svg).toSorted()).toEqual(['backup.copying 3', 'backup.sealing 3']);
    expect(svg).toContain('aria-label="Now: copying, sealing."');
  });

  test('of nothing says so, and passes over what is not drawn', () => {
    expect(markedSvg(plain.backup, [])).toContain('aria-label="Nothing runs."');
    expect(markedSvg(plain.backup, ['backup.<"&'])).toContain('aria-label="Nothing runs."');
  });

  test('keeps white paper, and dark where the reader likes it', () => {
    const svg = markedSvg(plain.backup, []);
    expect(svg).toContain('<polygon fill="white"');
    expect(svg).toMatch(/<style>@media \(prefers-color-scheme: dark\)/);
  });
});

test('every state that the charts are in at first is in the drawing', () => {
  const states = activeStates(initialState()).filter((id) => id !== 'appliance');
  expect(states).toContain('appliance.life.boot.well');
  for (const id of states)
    expect(plain.appliance).toMatch(new RegExp(`<title>(cluster )?${id.replaceAll('.', '\\.')}</title>`));
  expect(markedIn(markedSvg(plain.appliance, states))).toHaveLength(states.length);
});
