import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { svgOf } from '../../adapters/viz/svg.ts';
import type { BackupPhase } from '../../machines/decide.ts';
import type { Diagram } from '../../machines/diagram.ts';
import type { LedSignal } from '../../machines/signals.ts';
import { diagramFile, diagramOf, renderDiagrams } from '../../services/diagrams/diagrams.ts';
import { MACHINES } from '../../services/diagrams/machines.ts';
import {
  backupFailed,
  backupFinished,
  backupInterrupted,
  backupPlanned,
  copying,
} from '../machines/story.ts';

const COMMITTED = fileURLToPath(new URL('../../diagrams', import.meta.url));
const chart = (machine: (typeof MACHINES)[number]) => JSON.parse(diagramOf(machine, 'json')) as Diagram;
const lifeLeaves = chart('appliance').states.filter(
  ({ id, kind }) => id.startsWith('appliance.life.') && kind === 'atomic',
);

describe('the committed diagrams', () => {
  const rendered = renderDiagrams(svgOf);

  it('are all there, and nothing else is', async () => {
    expect((await readdir(COMMITTED)).toSorted()).toEqual([...(await rendered).keys()].toSorted());
    expect([...(await rendered).keys()].toSorted()).toEqual([
      'appliance.dot',
      'appliance.json',
      'appliance.mmd',
      'appliance.svg',
      'backup.dot',
      'backup.json',
      'backup.mmd',
      'backup.svg',
    ]);
  });

  /** Stale? `npx vitest run test/diagrams -u`, or `imagetank diagram --out diagrams`. */
  it.each(
    MACHINES.flatMap((machine) =>
      (['mermaid', 'dot', 'svg', 'json'] as const).map((format) => [machine, format] as const),
    ),
  )('of %s as %s is what the chart gives', async (machine, format) => {
    const file = diagramFile(machine, format);
    await expect((await rendered).get(file)).toMatchFileSnapshot(`${COMMITTED}/${file}`);
  });

  it('do not differ from run to run', async () => {
    expect(await renderDiagrams(svgOf)).toEqual(await rendered);
  });
});

describe('JSON', () => {
  it.each(MACHINES)('of %s is sorted, ends in a newline and has everything', (machine) => {
    const text = diagramOf(machine, 'json');
    expect(text.endsWith('}\n')).toBe(true);
    const { id, states, transitions } = chart(machine);
    expect(id).toBe(machine);
    const ids = states.map((state) => state.id);
    expect(ids).toEqual([...ids].sort());
    const from = transitions.map((transition) => transition.from);
    expect(from).toEqual([...from].sort());
  });

  it('keeps the order of guards, which decides', () => {
    const ready = chart('appliance').transitions.filter(({ from }) => from === 'appliance.life.ready');
    expect(ready.map(({ guard }) => guard)).toEqual(['endAsked', 'anyRunning', 'anyError']);
  });

  it('has what the pictures leave out', () => {
    const { transitions } = chart('appliance');
    expect(
      transitions.some(({ event, to }) => event === 'DaemonStarted' && to === 'appliance.life.boot'),
    ).toBe(true);
    expect(transitions.some(({ event, to }) => event === 'CardAttached' && to === null)).toBe(true);
  });
});

/** What a `stateDiagram-v2` may hold, line by line, as far as these diagrams use it. */
function readMermaid(text: string) {
  const states = new Map<string, string[]>();
  const arrows: { from: string; to: string; label: string }[] = [];
  const colors = new Map<string, string>();
  const classes = new Set<string>();
  const open: string[] = [];
  const [head, ...lines] = text.trimEnd().split('\n');
  expect(head).toBe('stateDiagram-v2');
  for (const line of lines.map((one) => one.trim())) {
    const block = /^state "([^"]+)" as (\w+) \{$/.exec(line);
    const arrow = /^(\w+|\[\*\]) --> (\w+|\[\*\])(?: : ([^:;{}"#]+))?$/.exec(line);
    const words = /^(\w+) : ([^:;{}"#]+)$/.exec(line);
    const color = /^class (\w+) (\w+)$/.exec(line);
    const kind = /^classDef (\w+) [\w:#,]+$/.exec(line);
    if (line.startsWith('%% ')) continue;
    if (block) {
      states.set(block[2]!, [block[1]!]);
      open.push(block[2]!);
    } else if (line === '}') expect(open.pop(), 'a brace too many').toBeDefined();
    else if (arrow) arrows.push({ from: arrow[1]!, to: arrow[2]!, label: arrow[3] ?? '' });
    else if (words) states.set(words[1]!, [...(states.get(words[1]!) ?? []), words[2]!]);
    else if (kind) classes.add(kind[1]!);
    else if (color) colors.set(color[1]!, color[2]!);
    else expect.fail(`no Mermaid: ${line}`);
  }
  expect(open, 'blocks left open').toEqual([]);
  for (const color of colors.values()) expect(classes).toContain(color);
  return { states, arrows, colors };
}

describe('Mermaid', () => {
  it.each(
    MACHINES,
  )('of %s: every line is known, blocks close, every state of an arrow is declared', (machine) => {
    const { states, arrows, colors } = readMermaid(diagramOf(machine, 'mermaid'));
    const drawn = chart(machine).states.filter(({ parent }) => parent !== null);
    for (const { id, name } of drawn) expect(states.get(id.replaceAll('.', '_'))?.[0]).toBe(name);
    for (const { from, to } of arrows) {
      for (const end of [from, to]) expect(end === '[*]' || states.has(end), end).toBe(true);
    }
    for (const id of colors.keys()) expect(states.has(id), id).toBe(true);
  });

  it('says the light in every innermost state of `life`', () => {
    const { states } = readMermaid(diagramOf('appliance', 'mermaid'));
    for (const { id, signal } of lifeLeaves) {
      expect(states.get(id.replaceAll('.', '_'))?.[1], id).toMatch(new RegExp(`^light ${signal} \\(`));
    }
  });

  it('tints one state green, and it is the clear one', () => {
    const { colors } = readMermaid(diagramOf('appliance', 'mermaid'));
    const green = [...colors].filter(([, color]) => color === 'green').map(([id]) => id);
    expect(green).toEqual(['appliance_life_ready_clear']);
  });

  it('says where each region begins and where a backup ends', () => {
    const { arrows } = readMermaid(diagramOf('backup', 'mermaid'));
    expect(arrows).toContainEqual({ from: '[*]', to: 'backup_planned', label: '' });
    expect(arrows.filter(({ to }) => to === '[*]').map(({ from }) => from)).toEqual([
      'backup_done',
      'backup_failed',
      'backup_interrupted',
    ]);
  });
});

describe('SVG', () => {
  it.each(MACHINES)('of %s is drawn by Graphviz, with every state that DOT names', async (machine) => {
    const svg = await svgOf(diagramOf(machine, 'dot'));
    expect(svg).toContain('<svg');
    const titles = [...svg.matchAll(/<title>([^<]*)<\/title>/g)].map(([, title]) => title);
    for (const { id, kind } of chart(machine).states) {
      const title = kind === 'compound' ? `cluster ${id}` : id;
      if (id !== machine) expect(titles, id).toContain(title);
    }
  });

  it('says the light in every innermost state of `life`', async () => {
    const svg = await svgOf(diagramOf('appliance', 'dot'));
    for (const { id, signal } of lifeLeaves) {
      const node = svg.replaceAll('&#45;', '-').split(`<title>${id}</title>`)[1]?.split('</g>')[0] ?? '';
      expect(node, id).toMatch(new RegExp(`>\\s*${signal}\\s*</text>`));
    }
  });

  it('DOT that is wrong is an error that says where', async () => {
    await expect(svgOf('digraph {\n a -> \n}')).rejects.toThrow(/line 3/);
  });
});

describe('the light of each phase of a backup', () => {
  const lights = new Map(chart('backup').states.map(({ name, signal }) => [name, signal]));

  it('is that of the appliance while it is the only backup', () => {
    const story = copying('A');
    const id = story.backupOf('A');
    const seen: Partial<Record<BackupPhase, LedSignal>> = { planned: story.signal };
    const steps = [
      ['copying', backupPlanned(id, 'A')],
      ['flushing', { type: 'CardRead', backupId: id }],
      ['verifying', { type: 'BackupFlushed', backupId: id }],
      ['sealing', { type: 'BackupVerified', backupId: id }],
      ['done', backupFinished(id, 'A')],
    ] as const;
    for (const [phase, fact] of steps) seen[phase] = story.tell(fact).signal;
    const failed = copying('A');
    seen.failed = failed.tell(backupFailed(failed.backupOf('A'), 'A', 'drive-full')).signal;
    const stopped = copying('A');
    seen.interrupted = stopped.tell(backupInterrupted(stopped.backupOf('A'), 'A', 'card-removed')).signal;
    expect(Object.fromEntries(lights)).toEqual({ backup: null, ...seen });
  });
});
