import type { IncomingMessage } from 'node:http';
import * as z from 'zod';
import { SETTING_KEYS, type Settings, type SettingValues } from '../../services/config/settings.ts';
import type { Api } from './api.ts';
import { deviceOf } from './callers.ts';

const key = z.enum(SETTING_KEYS);
const View = z.object({
  settings: z.object({
    layout: z.string(),
    template: z.string(),
    copies: z.union([z.literal('all'), z.number().int()]),
    drives: z.array(z.string()),
    day_starts: z.string(),
    auto: z.string(),
  }),
  sources: z.record(key, z.string()),
  locked: z.array(key),
  restart: z.enum(['service', 'by-hand']),
  pending: z.boolean(),
});
/** Their values are checked as those of a configuration file; null takes one back. */
const Changes = z.strictObject(
  Object.fromEntries(SETTING_KEYS.map((name) => [name, z.unknown().optional()])),
);
const Confirmed = z.strictObject({ confirm: z.literal(true) });
const Done = z.object({ ok: z.literal(true) });

export function addSettingsRoutes(api: Api, settings: Settings): void {
  const view = { summary: 'What the page may change, as the next start will have it' };
  api.get('/settings', { ...view, answer: { json: View } }, () => settings.view());
  const change = { summary: 'Change settings; they have effect with the next start', body: Changes };
  api.patch('/settings', { ...change, answer: { json: View } }, ({ body, request }) =>
    settings.change(body as SettingValues, askerOf(request.raw)),
  );
  const restart = { summary: 'Start again, so that changed settings have effect', body: Confirmed };
  api.post('/restart', { ...restart, answer: { json: Done } }, async ({ request }) => {
    await settings.restart(askerOf(request.raw));
    return { ok: true };
  });
}

const askerOf = (request: IncomingMessage): string => deviceOf(request)?.name ?? 'somebody on the box';
