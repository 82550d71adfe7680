import { applianceMachine } from '../../machines/appliance.machine.ts';
import { backupMachine } from '../../machines/backup.machine.ts';
import type { BackupPhase } from '../../machines/decide.ts';
import { type Diagram, diagram } from '../../machines/diagram.ts';
import type { LedSignal } from '../../machines/signals.ts';
import { dotOf } from './dot.ts';
import { drawingOf } from './drawing.ts';
import { jsonOf } from './json.ts';
import { MACHINES, type MachineName } from './machines.ts';
import { mermaidOf } from './mermaid.ts';

/** SVG is made from DOT, by an adapter. */
export const TEXT_FORMATS = ['mermaid', 'dot', 'json'] as const;
export type TextFormat = (typeof TEXT_FORMATS)[number];

const SUFFIX = { mermaid: 'mmd', dot: 'dot', json: 'json', svg: 'svg' } as const satisfies Record<
  TextFormat | 'svg',
  string
>;

/** A phase has no light of its own: this is the appliance's while the backup is the only one, held against it by a test. */
const LIGHT_OF_PHASE = {
  planned: 'copying',
  copying: 'copying',
  flushing: 'verifying',
  verifying: 'verifying',
  sealing: 'verifying',
  done: 'ready',
  failed: 'error',
  interrupted: 'error',
} as const satisfies Record<BackupPhase, LedSignal>;

const CAPTION = {
  appliance: [
    'Each state shows its light. The outermost boxes run at the same time; [words] are conditions that are looked at after every fact.',
    'Not drawn: facts that only change what is remembered (cards, drives, errors), and a restart, which leads every box back to its first state. All are in appliance.json.',
  ],
  backup: [
    'One for each card that is backed up. The light is that of the appliance while this is the only backup;',
    'green needs also that every other attached card is backed up and that the copy was verified from the medium.',
  ],
} as const satisfies Record<MachineName, readonly string[]>;

/** One chart as text; pure, the same in every run. */
export function diagramOf(machine: MachineName, format: TextFormat): string {
  const chart = chartOf(machine);
  const drawing = drawingOf(chart, CAPTION[machine].join('\n'));
  const text = { mermaid: () => mermaidOf(drawing), dot: () => dotOf(drawing), json: () => jsonOf(chart) };
  return text[format]();
}

/** File name (`appliance.mmd`) to text, of every chart in every format: what `diagrams/` holds. */
export async function renderDiagrams(
  svgOf: (dot: string) => Promise<string>,
): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const machine of MACHINES) {
    for (const format of TEXT_FORMATS) {
      files.set(diagramFile(machine, format), diagramOf(machine, format));
    }
    files.set(diagramFile(machine, 'svg'), await svgOf(diagramOf(machine, 'dot')));
  }
  return files;
}

export function diagramFile(machine: MachineName, format: TextFormat | 'svg'): string {
  return `${machine}.${SUFFIX[format]}`;
}

function chartOf(machine: MachineName): Diagram {
  if (machine === 'appliance') return diagram(applianceMachine);
  const chart = diagram(backupMachine);
  const signalOf = (name: string): LedSignal | null =>
    Object.entries(LIGHT_OF_PHASE).find(([phase]) => phase === name)?.[1] ?? null;
  return { ...chart, states: chart.states.map((state) => ({ ...state, signal: signalOf(state.name) })) };
}
