import * as z from 'zod';
import type { Appliance } from '../../services/appliance.ts';
import { DriveStatus } from '../../services/shapes.ts';
import { Done, DrivenIn, Inserted } from './answers.ts';
import type { Api } from './api.ts';
import { AdoptBody, FolderBody, HoldBody, InsertBody, PowerBody, RemoveBody, TargetBody } from './bodies.ts';
import { done } from './lines.ts';
import type { RefusePath } from './named.ts';

type Drives = Pick<Appliance, 'drives' | 'adopt' | 'forget' | 'eject'>;

export function addDriveRoutes(api: Api, appliance: Drives, named: RefusePath): void {
  const drive = { answer: { json: DriveStatus } };
  api.get('/drives', { summary: 'Drives and volumes', answer: { json: z.array(DriveStatus) } }, () =>
    appliance.drives(),
  );
  const adopt = { summary: 'Back up to this volume from now on', body: AdoptBody, ...drive };
  api.post('/drives/adopt', adopt, async ({ body, request }) => {
    await named(request, body.target);
    return appliance.adopt(body.target, body.force);
  });
  for (const [verb, summary] of [
    ['forget', 'Never write this drive again'],
    ['eject', 'Sync this drive and let it go'],
  ] as const) {
    api.post(`/drives/${verb}`, { summary, body: TargetBody, ...drive }, async ({ body, request }) => {
      await named(request, body.target);
      return appliance[verb](body.target);
    });
  }
}

/** What the button does. */
export function addButtonRoutes(api: Api, appliance: Pick<Appliance, 'acknowledge' | 'power'>): void {
  const ok = { answer: { json: Done } };
  api.post('/ack', { summary: 'Acknowledge what is shown as an error', ...ok }, () =>
    done(appliance.acknowledge()),
  );
  const power = { summary: 'Switch off or restart, when all is written', body: PowerBody, ...ok };
  api.post('/power', power, ({ body }) => done(appliance.power(body.action)));
}

/** The simulated board; 403 on any other. */
export function addSimRoutes(api: Api, appliance: Pick<Appliance, 'sim'>): void {
  const ok = { answer: { json: Done } };
  const insert = { summary: 'A folder becomes a card', body: InsertBody, answer: { json: Inserted } };
  api.post('/sim/insert', insert, ({ body }) => appliance.sim.insert(body.dir, body.label));
  const remove = { summary: 'The card goes; null: the only one', body: RemoveBody, ...ok };
  api.post('/sim/remove', remove, ({ body }) => done(appliance.sim.remove(body.dir)));
  const driveIn = { summary: 'A folder becomes a drive', body: FolderBody, answer: { json: DrivenIn } };
  api.post('/sim/drive-in', driveIn, ({ body }) => appliance.sim.driveIn(body.dir));
  const driveOut = { summary: 'The drive goes', body: FolderBody, ...ok };
  api.post('/sim/drive-out', driveOut, ({ body }) => done(appliance.sim.driveOut(body.dir)));
  api.post('/sim/press', { summary: 'Press the button', ...ok }, () => done(appliance.sim.press()));
  const hold = { summary: 'Hold the button', body: HoldBody, ...ok };
  api.post('/sim/hold', hold, ({ body }) => done(appliance.sim.hold(body.ms)));
}
