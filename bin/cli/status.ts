import { renderStatus } from '../../adapters/terminal/render.ts';
import type { Status } from '../../services/shapes.ts';
import type { Cli } from './cli.ts';

export async function status(cli: Cli): Promise<number> {
  const answer = await cli.client().get<Status>('status');
  const qr = process.stdout.isTTY && !cli.json && !cli.quiet ? await qrOf(answer.address) : [];
  cli.answer(answer, () => [...renderStatus(answer), ...addressLines(answer.address), ...qr]);
  return 0;
}

function addressLines(address: Status['address']): readonly string[] {
  if (address === null) return [];
  const { urls, fingerprint } = address;
  return [
    '',
    'Page',
    ...urls.map((url) => `  ${url}`),
    ...(fingerprint === null ? [] : [`  certificate ${fingerprint} (SHA-256)`]),
  ];
}

/** For people at a terminal; loaded only for them. */
async function qrOf(address: Status['address']): Promise<readonly string[]> {
  const [url] = address?.urls ?? [];
  if (url === undefined) return [];
  const { qrLines } = await import('../../adapters/terminal/qr.ts');
  return qrLines(url, true);
}
