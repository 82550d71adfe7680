import { beforeEach, describe, expect, test } from 'vitest';
import { ScriptedAppliance } from '../cli/scripted-appliance.ts';
import { Desk, parseProblem } from './kit.ts';

let desk: Desk;
let appliance: ScriptedAppliance;
let log: string[];

beforeEach(async () => {
  log = [];
  appliance = new ScriptedAppliance();
  appliance.backupStatus = () => {
    throw new TypeError('no such field');
  };
  desk = new Desk(appliance, { warn: (text) => log.push(text) });
  await desk.listen();
  return () => desk.clear();
});

const fail = async () => parseProblem(await desk.get('backups/secret-name'));

describe('what should never fail', () => {
  test('is in the log with method, route and a number that the answer has too', async () => {
    const { code, requestId } = await fail();
    expect(code).toBe('internal');
    expect(requestId).toMatch(/^[0-9a-f]{8}$/);
    expect(log).toEqual([
      expect.stringMatching(
        new RegExp(
          `^request ${requestId} failed, GET /api/v1/backups/:id: no such field \\(at .*failures\\.test`,
        ),
      ),
    ]);
  });

  test('is told without what was asked for: it may be a token', async () => {
    await fail();
    expect(log.join()).not.toContain('secret-name');
  });

  test('is told also when it ends a stream', async () => {
    appliance.check = async function* () {
      yield { progress: { filesDone: 1, filesTotal: 2, bytesDone: 1, bytesTotal: 2 } };
      throw new TypeError('no such field');
    };
    const { text } = await desk.post('check', { card: 'SD' });
    const last: unknown = JSON.parse(text.trimEnd().split('\n').at(-1) ?? '');
    const { error } = last as { error: { requestId: string } };
    expect(error.requestId).toMatch(/./);
    expect(log).toEqual([expect.stringContaining(`request ${error.requestId} failed, POST /api/v1/check`)]);
  });

  test('fills no disk: ten lines a minute, then how many there were', async () => {
    const answers = [];
    for (let count = 0; count < 13; count += 1) answers.push(await fail());
    expect(log).toHaveLength(10);
    expect(answers.slice(10).map(({ requestId }) => requestId)).toEqual([undefined, undefined, undefined]);
    desk.clock.advance(60_000);
    await fail();
    expect(log.slice(10)).toEqual([
      '3 more requests failed, which the log does not have',
      expect.stringMatching(/^request /),
    ]);
  });

  test('is not told of what a person can mend', async () => {
    await desk.post('check', {});
    await desk.get('nothing-there');
    expect(log).toEqual([]);
  });
});
