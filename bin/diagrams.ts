import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { svgOf } from '../adapters/viz/svg.ts';
import { printedBy } from '../adapters/viz/svg-child.ts';
import { diagramOf } from '../services/diagrams/diagrams.ts';
import type { MachineName } from '../services/diagrams/machines.ts';

/** Missing where the sources run unbuilt, as in tests: then charts are drawn in this process. */
const PROGRAM = fileURLToPath(new URL('./imagetank.js', import.meta.url));

/** A chart as SVG. The daemon has the command line draw it, so that nothing waits and no memory is kept. */
export const drawChart = (machine: MachineName): Promise<string> =>
  existsSync(PROGRAM)
    ? printedBy(process.execPath, [PROGRAM, 'diagram', '--machine', machine, '--format', 'svg'])
    : svgOf(diagramOf(machine, 'dot'));
