import { hostname } from 'node:os';
import type { Appliance } from '../../services/appliance.ts';
import type { MachineName } from '../../services/diagrams/machines.ts';
import { markedSvg } from '../../services/diagrams/mark.ts';
import { statusText } from '../../services/status-text.ts';
import { BoardAnswer, Me } from './answers.ts';
import type { Api } from './api.ts';
import { DiagramQuery } from './bodies.ts';
import { callerOf } from './callers.ts';

/** Of a chart, without anything marked in it. Rejects when it cannot be drawn. */
export type DrawChart = (machine: MachineName) => Promise<string>;

export interface InfoParts {
  readonly appliance: Pick<Appliance, 'status' | 'isSimulated' | 'chartStates'>;
  readonly draw: DrawChart;
  /** Which kind of board it is. */
  readonly board: string;
}

/** What people and pages ask beside the status. */
export function addInfoRoutes(api: Api, { appliance, draw, board }: InfoParts): void {
  const text = {
    summary: 'The status in a few plain sentences, to be shown or read aloud',
    answer: { type: 'text/plain; charset=utf-8' },
  };
  api.get('/status.txt', text, async () => statusText(await appliance.status()));
  api.get('/me', { summary: 'Who asks, and what they may', answer: { json: Me } }, ({ request }) => {
    const caller = callerOf(request.raw);
    if (caller.kind !== 'device') return { kind: 'box', id: null, name: hostname(), role: 'owner' };
    const { id, name, role } = caller.device;
    return { kind: 'device', id, name, role };
  });
  const lights = { summary: 'The board as it is now', answer: { json: BoardAnswer } };
  api.get('/board', lights, async () => {
    const { signal, code, leds } = await appliance.status();
    const simulated = appliance.isSimulated;
    return { kind: board, simulated, signal, code, leds, button: { canPress: simulated } };
  });
  const drawn = drawOnce(draw);
  const diagram = {
    summary: 'A state chart with the present states marked',
    query: DiagramQuery,
    answer: { type: 'image/svg+xml' },
  };
  api.get('/diagram', diagram, async ({ query: { machine } }) => {
    const states = appliance.chartStates().filter((id) => id.split('.')[0] === machine);
    return markedSvg(await drawn(machine), states);
  });
}

/** Charts do not change while the daemon runs; one that could not be drawn is tried again. */
function drawOnce(draw: DrawChart): DrawChart {
  const drawn = new Map<MachineName, Promise<string>>();
  return (machine) => {
    const known = drawn.get(machine);
    if (known !== undefined) return known;
    const drawing = draw(machine);
    drawn.set(machine, drawing);
    drawing.catch(() => drawn.delete(machine));
    return drawing;
  };
}
