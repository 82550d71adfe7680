import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';
import type { Appliance } from '../../services/appliance.ts';
import { UserError } from '../../services/errors.ts';
import { callerOf } from './callers.ts';

/** Throws `UserError` 77 for a path that the caller may not name. */
export type RefusePath = (request: FastifyRequest, ...targets: readonly (string | null)[]) => Promise<void>;

export const refuserOf =
  (appliance: Pick<Appliance, 'status' | 'isSimulated'>): RefusePath =>
  (request, ...targets) =>
    refuseForeignPath(request.raw, appliance, ...targets);

/**
 * From the network a card or drive is named by label, id or UUID, or by the path of one that is attached: other paths
 * would let a phone look round the box, adopt its folders and copy them. On a simulated board folders are what cards and
 * drives are. Throws `UserError` 77.
 */
async function refuseForeignPath(
  request: IncomingMessage,
  appliance: Pick<Appliance, 'status' | 'isSimulated'>,
  ...targets: readonly (string | null)[]
): Promise<void> {
  if (callerOf(request).kind === 'box' || appliance.isSimulated) return;
  const paths = targets.filter((target) => target?.startsWith('/') === true);
  if (paths.length === 0) return;
  const { cards, drives } = await appliance.status();
  const attached = new Set([...cards, ...drives].flatMap(({ id, path }) => [id, path]));
  if (paths.every((path) => attached.has(path))) return;
  throw new UserError(
    'foreign-path',
    77,
    'a folder of the box is named on the box only',
    'name an attached card or drive by its label or id',
  );
}
