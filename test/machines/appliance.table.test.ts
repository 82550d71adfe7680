import { expect, test } from 'vitest';
import type { ChartFact } from '../../machines/facts.ts';
import { backupId, relativePath } from '../../machines/ids.ts';
import {
  backupFailed,
  backupFinished,
  backupInterrupted,
  backupPlanned,
  backupRequested,
  card,
  cardAttached,
  cardDetached,
  copying,
  daemonStarted,
  devicesKnown,
  drive,
  driveAttached,
  driveDetached,
  given,
  power,
  ready,
  type Story,
  timerElapsed,
} from './story.ts';

const ANY = backupId('20261121-5');

/** One story that ends in each leaf of the region `life`. */
const STATES: Readonly<Record<string, () => Story>> = {
  'boot.well': () => given(daemonStarted()),
  'boot.troubled': () =>
    given(daemonStarted()).tell({ type: 'InternalErrorOccurred', reason: 'internal', detail: 'x' }),
  'ready.clear': ready,
  'ready.attention': () => ready().tell(cardAttached('A')),
  'ready.waiting': () => given(daemonStarted(), devicesKnown()),
  'copying.well.reading': () => copying(),
  'copying.well.verifying': () => read(copying()),
  'copying.troubled.reading': () => troubled(copying()),
  'copying.troubled.verifying': () => troubled(read(copying())),
  error: () => failed(copying()),
  'shutdown.stopping': () => copying().tell({ type: 'ShutdownRequested', action: 'poweroff' }),
  'shutdown.releasing': () => ready().tell({ type: 'ShutdownRequested', action: 'poweroff' }),
  'shutdown.off': () =>
    ready().tell({ type: 'ShutdownRequested', action: 'poweroff' }, { type: 'DrivesReleased' }),
};

const read = (story: Story) => story.tell({ type: 'CardRead', backupId: story.backupOf('A') });
const troubled = (story: Story) =>
  story.tell({ type: 'CardRefused', device: 'sdz1', reason: 'mount-failed', detail: '' });
const failed = (story: Story) => story.tell(backupFailed(story.backupOf('A'), 'A', 'verify-mismatch'));

/** Every fact that the chart knows, once: the type makes sure that none is forgotten. */
const FACTS: { readonly [Type in ChartFact['type']]: (story: Story) => readonly ChartFact[] } = {
  DaemonStarted: () => [daemonStarted() as ChartFact],
  DevicesKnown: () => [devicesKnown() as ChartFact],
  DeviceAnnounced: () => [{ type: 'DeviceAnnounced', device: 'sdb' }],
  DeviceSettled: () => [{ type: 'DeviceSettled', device: 'sdb' }],
  CardAttached: () => [cardAttached('B') as ChartFact],
  CardDetached: () => [cardDetached('A') as ChartFact],
  CardRefused: () => [{ type: 'CardRefused', device: 'sdb', reason: 'mount-failed', detail: '' }],
  DeviceDetached: () => [{ type: 'DeviceDetached', device: 'sdz1' }],
  DriveAttached: () => [driveAttached('E') as ChartFact],
  DriveDetached: () => [driveDetached('D') as ChartFact],
  DriveAdopted: () => [{ type: 'DriveAdopted', drive: drive('E') }],
  DriveForgotten: () => [{ type: 'DriveForgotten', driveId: drive('D').id }],
  DriveFailed: () => [{ type: 'DriveFailed', driveId: drive('D').id, reason: 'drive-id-clash', detail: '' }],
  BackupRequested: () => [backupRequested('A') as ChartFact],
  BackupPlanned: (story) => [backupPlanned(idOf(story), 'A') as ChartFact],
  CardRead: (story) => [{ type: 'CardRead', backupId: idOf(story) }],
  BackupFlushed: (story) => [{ type: 'BackupFlushed', backupId: idOf(story) }],
  BackupVerified: (story) => [{ type: 'BackupVerified', backupId: idOf(story) }],
  BackupFinished: (story) => [backupFinished(idOf(story), 'A') as ChartFact],
  BackupFailed: (story) => [backupFailed(idOf(story), 'A', 'drive-full') as ChartFact],
  BackupInterrupted: (story) => [backupInterrupted(idOf(story), 'A', 'card-removed') as ChartFact],
  CopiesLost: () => [{ type: 'CopiesLost', backupId: null, driveId: drive('D').id, files: [] }],
  VerificationStarted: () => [{ type: 'VerificationStarted', driveId: drive('D').id }],
  VerificationProgressed: () => [
    {
      type: 'VerificationProgressed',
      driveId: drive('D').id,
      files: 1,
      bytes: 1,
      reached: { generation: null, path: relativePath('Photos/a.jpg') },
      generations: [],
      altered: [],
      missing: [],
    },
  ],
  VerificationFinished: () => [
    { type: 'VerificationFinished', driveId: drive('D').id, files: 1, altered: 0, missing: 0 },
  ],
  DriveSealed: () => [
    {
      type: 'DriveSealed',
      backupId: null,
      driveId: drive('D').id,
      seq: 7,
      generations: [],
      extent: 'added',
    },
  ],
  DevicePaired: () => [
    { type: 'DevicePaired', tokenId: 't', name: 'phone', role: 'owner', hash: '0'.repeat(64) },
  ],
  DeviceUnpaired: () => [{ type: 'DeviceUnpaired', tokenId: 't' }],
  CardChecked: () => [{ type: 'CardChecked', cardId: card('A').id, safe: false }],
  SpaceChanged: () => [{ type: 'SpaceChanged', driveId: drive('D').id, freeBytes: 1, low: true }],
  ButtonPressed: () => [{ type: 'ButtonPressed' }],
  ButtonReleased: () => [{ type: 'ButtonPressed' }, { type: 'ButtonReleased' }],
  Acknowledged: () => [{ type: 'Acknowledged' }],
  ShutdownRequested: () => [{ type: 'ShutdownRequested', action: 'poweroff' }],
  DrivesReleased: () => [{ type: 'DrivesReleased' }],
  TimerElapsed: () => [
    timerElapsed('settleDelay') as ChartFact,
    timerElapsed('holdDelay') as ChartFact,
    timerElapsed('pressWindow') as ChartFact,
    timerElapsed('stopDelay') as ChartFact,
  ],
  HealthChanged: () => [power('bad')],
  ClockSet: () => [{ type: 'ClockSet', offsetMs: 5 }],
  InternalErrorOccurred: () => [{ type: 'InternalErrorOccurred', reason: 'internal', detail: '' }],
};

const idOf = (story: Story) => story.state.appliance.context.running[0]?.backupId ?? ANY;

/** `{ready: 'clear'}` → `ready.clear`. */
function leafOf(life: unknown): string {
  if (typeof life === 'string') return life;
  const [[key, value] = ['', '']] = Object.entries(life as Record<string, unknown>);
  return `${key}.${leafOf(value)}`;
}

function row(name: string, from: string, make: () => Story): string {
  const story = make();
  const commands: string[] = [];
  const facts = FACTS[name as keyof typeof FACTS](story);
  for (const fact of facts) {
    story.tell(fact);
    commands.push(...story.commands.map((c) => ('timer' in c ? `${c.type}(${c.timer})` : c.type)));
  }
  const to = leafOf(story.state.appliance.value.life);
  const moved = to === from ? 'stays' : `→ ${to}`;
  return `| ${name} | ${moved} | ${commands.join(', ') || '–'} |`;
}

test('every story ends in the state that it stands for', () => {
  for (const [name, make] of Object.entries(STATES))
    expect(leafOf(make().state.appliance.value.life)).toBe(name);
});

test('every state × event pair does exactly what the table says, nothing included', async () => {
  const table = Object.entries(STATES).map(([from, make]) => {
    const rows = Object.keys(FACTS).map((name) => row(name, from, make));
    return [`## ${from}`, '', '| fact | state | commands |', '| --- | --- | --- |', ...rows, ''].join('\n');
  });
  await expect(`# Every state × event pair of the appliance\n\n${table.join('\n')}`).toMatchFileSnapshot(
    'appliance.table.md',
  );
});
