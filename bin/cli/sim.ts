import { resolve } from 'node:path';
import { escapeText } from '../../adapters/terminal/escape.ts';
import { UserError } from '../../services/errors.ts';
import type { Action } from './cli.ts';

/** Longer than the two seconds that shut down. */
const DEFAULT_HOLD_MS = 2500;

export const insert: Action = async (cli, [dir = ''], { as }) => {
  const label = typeof as === 'string' ? as : null;
  const card = await cli.client().post<{ id: string }>('sim/insert', { dir: resolve(dir), label });
  cli.answer(card, () => [escapeText(card.id)]);
  return 0;
};

export const remove: Action = async (cli, [dir]) => {
  const answer = await cli.client().post('sim/remove', { dir: dir === undefined ? null : resolve(dir) });
  cli.answer(answer, () => []);
  return 0;
};

export const driveIn: Action = async (cli, [dir = '']) => {
  const drive = await cli
    .client()
    .post<{ id: string | null; adopted: boolean }>('sim/drive-in', { dir: resolve(dir) });
  cli.answer(drive, () => [drive.adopted ? 'adopted' : 'not adopted']);
  return 0;
};

export const driveOut: Action = async (cli, [dir = '']) => {
  const answer = await cli.client().post('sim/drive-out', { dir: resolve(dir) });
  cli.answer(answer, () => []);
  return 0;
};

export const press: Action = async (cli) => {
  const answer = await cli.client().post('sim/press', {});
  cli.answer(answer, () => []);
  return 0;
};

export const hold: Action = async (cli, _args, { ms }) => {
  const holdMs = ms === undefined ? DEFAULT_HOLD_MS : Number(ms);
  if (!Number.isInteger(holdMs) || holdMs < 1) {
    throw new UserError(
      'usage',
      64,
      `--ms ${String(ms)} is no whole number of milliseconds`,
      'for example: --ms 2500',
    );
  }
  const answer = await cli.client().post('sim/hold', { ms: holdMs });
  cli.answer(answer, () => []);
  return 0;
};
