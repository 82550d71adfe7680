import { renderStatus } from '../../adapters/terminal/render.ts';
import type { Status } from '../../services/shapes.ts';
import type { Cli } from './cli.ts';

export async function status(cli: Cli): Promise<number> {
  const answer = await cli.client().get<Status>('status');
  cli.answer(answer, () => renderStatus(answer));
  return 0;
}
