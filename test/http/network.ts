import { afterEach, beforeEach } from 'vitest';
import type { DeviceRole } from '../../machines/facts.ts';
import { ScriptedAppliance } from '../cli/scripted-appliance.ts';
import { type Answer, Desk, type Question } from './kit.ts';

/** Of the test that runs: each gets new ones, which listen on the socket and on a port of the loopback. */
export let appliance: ScriptedAppliance;
export let desk: Desk;
export let port: number;

export function serveTheNetworkEachTest(): void {
  beforeEach(async () => {
    appliance = new ScriptedAppliance();
    desk = new Desk(appliance, {
      patience: { headersMs: 500, requestMs: 2000, pauseMs: 600_000, lookMs: 10 },
    });
    await desk.listen();
    port = await desk.server.listenPort(0);
  });
  afterEach(() => desk.clear());
}

/** A device that has come in. */
export async function paired(role: DeviceRole = 'owner', name = 'phone') {
  const { token, device } = await desk.door.access.admit({ role, name });
  return {
    token,
    device,
    bearer: { authorization: `Bearer ${token}` },
    cookie: { cookie: `imagetank=${token}` },
  };
}

/** Over the network. */
export const ask = (path: string, question: Omit<Question, 'port'> = {}): Promise<Answer> =>
  desk.ask(path, { ...question, port });

/** What a browser says of a request by a page of ours. */
export const sameOrigin = () => ({ origin: `http://127.0.0.1:${port}`, 'sec-fetch-site': 'same-origin' });
