import { describe, expect, test } from 'vitest';
import { DRIVE, STATUS } from '../cli/scripted-appliance.ts';
import { parseProblem } from './kit.ts';
import { appliance, ask, desk, paired, serveTheNetworkEachTest } from './network.ts';

serveTheNetworkEachTest();

/** Everything that changes something or keeps a disk busy. */
const ORDERS: readonly (readonly [path: string, body: object])[] = [
  ['backups', { card: 'SD32GB-03' }],
  ['check', { card: 'SD32GB-03' }],
  ['library/preview', {}],
  ['verify', {}],
  ['library/index', { dir: '/media/d' }],
  ['drives/adopt', { target: 'X' }],
  ['drives/forget', { target: 'X' }],
  ['drives/eject', { target: 'X' }],
  ['ack', {}],
  ['power', { action: 'reboot', confirm: true }],
  ['sim/insert', { dir: '/card' }],
  ['sim/remove', {}],
  ['sim/drive-in', { dir: '/d' }],
  ['sim/drive-out', { dir: '/d' }],
  ['sim/press', {}],
  ['sim/hold', { ms: 5 }],
];

describe('a viewer', () => {
  test.each([
    'status',
    'cards',
    'drives',
    'history',
    'photos',
    'photos/by/day',
    'explain?name=a',
    'backups/20261121-57/events',
  ])('may read %s', async (path) => {
    const { bearer } = await paired('viewer');
    expect((await ask(`/api/v1/${path}`, { headers: bearer })).status).toBe(200);
  });

  test('may not read the journal, which says who was let in and where photos were taken', async () => {
    const { bearer } = await paired('viewer');
    const answer = await ask('/api/v1/journal', { headers: bearer });
    expect(parseProblem(answer)).toMatchObject({ status: 403, code: 'viewer-only-reads' });
    const owner = await paired('owner');
    expect((await ask('/api/v1/journal', { headers: owner.bearer })).status).toBe(200);
  });

  test.each(ORDERS)('may not order %s', async (path, body) => {
    const { bearer } = await paired('viewer');
    const answer = await ask(`/api/v1/${path}`, { body, headers: bearer });
    expect(parseProblem(answer)).toMatchObject({ status: 403, code: 'viewer-only-reads', exitCode: 77 });
    expect(appliance.asked).toEqual([]);
  });

  test('is told so before its body is read', async () => {
    const { bearer } = await paired('viewer');
    for (const raw of ['{', JSON.stringify({ card: 'x'.repeat(70_000) })]) {
      const answer = await ask('/api/v1/backups', { method: 'POST', raw, headers: bearer });
      expect(answer.status).toBe(403);
    }
  });

  test('is told so also of what is not there', async () => {
    const { bearer } = await paired('viewer');
    expect((await ask('/api/v1/nothing', { body: {}, headers: bearer })).status).toBe(403);
    expect((await ask('/api/v1/nothing', { headers: bearer })).status).toBe(404);
  });
});

test.each(ORDERS)('an owner may order %s on a simulated board', async (path, body) => {
  const { bearer } = await paired('owner');
  const answer = await ask(`/api/v1/${path}`, { body, headers: bearer });
  expect(answer.status).toBeLessThan(300);
  expect(appliance.asked).toHaveLength(1);
});

describe('with a real board a folder of the box', () => {
  const FOLDERS: readonly (readonly [path: string, body: object])[] = [
    ['backups', { card: '/etc' }],
    ['backups', { card: STATUS.cards[0]?.path, to: '/etc' }],
    ['check', { card: '/etc' }],
    ['library/preview', { card: '/etc' }],
    ['verify', { target: '/etc' }],
    ['verify', { target: `${DRIVE.path}/..` }],
    ['library/index', { dir: '/etc' }],
    ['drives/adopt', { target: '/etc' }],
    ['drives/forget', { target: '/etc' }],
    ['drives/eject', { target: '/etc' }],
  ];

  test.each(FOLDERS)('is not named over the network: %s %j', async (path, body) => {
    appliance.isSimulated = false;
    const { bearer } = await paired('owner');
    const answer = await ask(`/api/v1/${path}`, { body, headers: bearer });
    expect(parseProblem(answer)).toMatchObject({ status: 403, code: 'foreign-path' });
    expect(appliance.asked).toEqual([]);
  });

  test.each(FOLDERS)('is named on the box: %s %j', async (path, body) => {
    appliance.isSimulated = false;
    expect((await desk.post(path, body)).status).toBeLessThan(300);
    expect(appliance.asked).toHaveLength(1);
  });

  test.each<[path: string, body: object]>([
    ['backups', { card: STATUS.cards[0]?.path, to: DRIVE.path }],
    ['backups', { card: STATUS.cards[0]?.label }],
    ['backups', {}],
    ['check', { card: STATUS.cards[0]?.path }],
    ['verify', { target: DRIVE.id }],
    ['drives/adopt', { target: DRIVE.path }],
    ['drives/eject', { target: DRIVE.label }],
  ])('is one thing, a card or drive that is attached another: %s %j', async (path, body) => {
    appliance.isSimulated = false;
    const { bearer } = await paired('owner');
    expect((await ask(`/api/v1/${path}`, { body, headers: bearer })).status).toBeLessThan(300);
  });
});
