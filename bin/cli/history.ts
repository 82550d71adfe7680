import { escapeText } from '../../adapters/terminal/escape.ts';
import { renderHistory } from '../../adapters/terminal/render.ts';
import type { HistoryLine } from '../../services/shapes.ts';
import type { Cli } from './cli.ts';

/** The most that can be asked for: more than a card an hour for a century. */
const ALL = 1_000_000;

export async function history(cli: Cli): Promise<number> {
  const rows: HistoryLine[] = [];
  for await (const line of await cli.client().lines(`history?last=${ALL}`, { signal: cli.stopped })) {
    if (cli.json) cli.print(escapeText(line));
    else rows.push(JSON.parse(line) as HistoryLine);
  }
  for (const line of renderHistory(rows)) cli.print(line);
  if (rows.length === 0) cli.remark('no backup yet');
  return 0;
}
