import { describe, expect, it } from 'vitest';
import type { Diagram } from '../../machines/diagram.ts';
import { threeLeds } from '../../machines/signals.ts';
import { diagramOf } from '../../services/diagrams/diagrams.ts';

const dot = diagramOf('appliance', 'dot');
const lines = dot.split('\n').map((line) => line.trim());
const { states } = JSON.parse(diagramOf('appliance', 'json')) as Diagram;
const nodeOf = (id: string) => lines.find((line) => line.startsWith(`"${id}" [`)) ?? '';
const edge = (from: string, to: string) =>
  lines.find((line) => line.startsWith(`"${from}" -> "${to}" [`)) ?? '';

const TINT = { red: '#fde8e8', amber: '#fff6dc', green: '#e3f6e3' } as const;

describe('DOT', () => {
  it.each(
    states.filter(({ kind, signal }) => kind === 'atomic' && signal !== null),
  )('$id has the colour of its light, its lit LEDs and their patterns', ({ id, name, signal, activity }) => {
    const leds = threeLeds({ signal: signal!, activity, code: null });
    const lit = (['red', 'amber', 'green'] as const).filter((color) => leds[color] !== 'off');
    const node = nodeOf(id);
    expect(node).toContain(`<b>${name}</b>`);
    expect(node).toContain(`fillcolor="${lit[0] === undefined ? '#ffffff' : TINT[lit[0]]}"`);
    expect(node.split('●')).toHaveLength(4);
    expect(node.split('#d8d8d8')).toHaveLength(4 - lit.length);
    for (const color of lit) {
      const shown = signal === 'error' && color === 'red' ? 'code N' : leds[color];
      expect(node).toContain(`${color} ${shown}`);
    }
    expect(node.includes('all off')).toBe(lit.length === 0);
  });

  it('states without a light are white and have no LEDs', () => {
    expect(nodeOf('appliance.button.held')).toBe(
      '"appliance.button.held" [label=<<b>held</b>>, fillcolor="#ffffff"];',
    );
  });

  it('has a cluster for each state that has states, and closes it', () => {
    const compound = states
      .filter(({ kind }) => kind === 'compound')
      .map(({ id }) => `subgraph "cluster ${id}" {`);
    expect(lines.filter((line) => line.startsWith('subgraph')).toSorted()).toEqual(compound.toSorted());
    expect(lines.filter((line) => line === '}')).toHaveLength(compound.length + 1);
  });

  it('an arrow to a cluster ends at its border', () => {
    expect(edge('appliance.life.boot.troubled', 'appliance.life.ready.start')).toContain(
      'lhead="cluster appliance.life.ready"',
    );
  });

  it('an arrow back is laid out forwards, from the last state of the upper cluster', () => {
    expect(edge('appliance.life.copying.troubled.verifying', 'appliance.life.error')).toBe(
      '"appliance.life.copying.troubled.verifying" -> "appliance.life.error" [label=" [any running] ", dir=back, ltail="cluster appliance.life.copying"];',
    );
  });

  it('says what all other states of an area do once, from a dashed box', () => {
    expect(nodeOf('appliance.life.any')).toContain('label="any other state", style="rounded,dashed"');
    expect(lines.filter((line) => line.includes('[end asked]'))).toHaveLength(1);
  });

  it('puts the regions beside `life` below each other', () => {
    expect(lines.filter((line) => line.endsWith('[style=invis];'))).toEqual([
      '"appliance.door.settling" -> "appliance.button.start" [style=invis];',
      '"appliance.button.held" -> "appliance.presses.start" [style=invis];',
    ]);
    expect(diagramOf('backup', 'dot')).not.toContain('invis');
  });

  it('shows the ends of a backup with a double border', () => {
    const ends = diagramOf('backup', 'dot')
      .split('\n')
      .filter((line) => line.includes('peripheries=2'));
    expect(ends.map((line) => line.trim().split('"')[1])).toEqual([
      'backup.done',
      'backup.failed',
      'backup.interrupted',
    ]);
  });

  it('says below the picture what is not drawn', () => {
    expect(dot).toContain('Not drawn: facts that only change what is remembered');
  });
});
