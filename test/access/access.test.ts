import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { MAX_DEVICES } from '../../services/access/access.ts';
import { UserError } from '../../services/errors.ts';
import { Doorman } from './kit.ts';

let door: Doorman;
beforeEach(() => {
  door = new Doorman();
});
const names = () => door.access.devices.map(({ name, role }) => `${name}, ${role}`);
const FULL = new UserError('state-disk-full', 74, 'the journal cannot be written', 'free some space');

describe('a device that says the code', () => {
  test('gets a token, which lets it in; the journal has the hash of it alone', async () => {
    const { code, heard, isOver } = door.invite('viewer', 'tablet');
    const answer = await door.ask(code);
    if (answer.type !== 'paired') throw new Error(answer.type);
    const { token, device } = answer;
    expect(door.access.holderOf(token)).toEqual(device);
    expect(device).toEqual({ id: 'id-1', name: 'tablet', role: 'viewer', pairedAt: door.clock.stamp().at });
    const hash = createHash('sha256').update(token).digest('hex');
    expect(door.facts).toEqual([
      { type: 'DevicePaired', tokenId: 'id-1', name: 'tablet', role: 'viewer', hash },
    ]);
    expect(JSON.stringify([door.facts, heard, door.access.devices])).not.toContain(token);
    expect(heard.slice(1)).toEqual([{ paired: device }]);
    expect(isOver()).toBe(true);
  });

  test('is called as whoever invited it says, else as it says, else device', async () => {
    await door.ask(door.invite('owner', 'mine').code, '10.0.0.1', 'theirs');
    await door.ask(door.invite('viewer').code, '10.0.0.1', 'theirs');
    await door.ask(door.invite('owner').code, '10.0.0.1');
    expect(names()).toEqual(['mine, owner', 'theirs, viewer', 'device, owner']);
  });

  test('comes in once, though it asks twice while the disk is busy', async () => {
    let go = (): void => undefined;
    door.gate = new Promise((resolve) => {
      go = resolve;
    });
    const { code } = door.invite();
    const both = Promise.all([door.ask(code), door.ask(code)]);
    go();
    expect((await both).map(({ type }) => type)).toEqual(['paired', 'refused']);
    expect(door.access.devices).toHaveLength(1);
  });

  test('may say it again when the journal did not take it', async () => {
    const { code, heard } = door.invite();
    door.refusal = FULL;
    await expect(door.ask(code)).rejects.toBe(FULL);
    expect([door.access.devices, heard.length]).toEqual([[], 1]);
    door.refusal = null;
    expect(await door.ask(code)).toMatchObject({ type: 'paired' });
  });

  test('and is wrong is told so, and whoever invited it hears when it is over', async () => {
    const { heard, isOver } = door.invite();
    for (let host = 0; host < 5; host++) {
      expect(await door.ask('999999', `10.0.0.${host}`)).toEqual({ type: 'refused', why: 'wrong-code' });
    }
    expect(heard.slice(1)).toEqual([{ closed: 'guessed' }]);
    expect(isOver()).toBe(true);
    expect(door.facts).toEqual([]);
  });
});

describe('an invitation', () => {
  test('begins with its code and its time', () => {
    expect(door.invite('viewer').heard).toEqual([
      { open: { role: 'viewer', name: null, code: '000001', secondsLeft: 300 } },
    ]);
  });

  test('is over when nobody listens any more', async () => {
    const { code, leave } = door.invite();
    leave();
    expect(await door.ask(code)).toEqual({ type: 'refused', why: 'not-open' });
    expect(door.clock.armed).toBe(0);
  });

  test('that was replaced does not close the next one when it is left', async () => {
    const first = door.invite();
    const second = door.invite();
    expect(first.heard.slice(1)).toEqual([{ closed: 'replaced' }]);
    first.leave();
    expect(await door.ask(second.code)).toMatchObject({ type: 'paired' });
  });

  test('that ends late, when its device is recorded, does not close the next one', async () => {
    let go = (): void => undefined;
    door.gate = new Promise((resolve) => {
      go = resolve;
    });
    const first = door.invite();
    const coming = door.ask(first.code);
    const second = door.invite();
    go();
    expect(await coming).toMatchObject({ type: 'paired' });
    expect([first.isOver(), second.isOver()]).toEqual([true, false]);
    expect(await door.ask(second.code)).toMatchObject({ type: 'paired' });
  });

  test('ends when imagetank stops, and so does what the button opened', async () => {
    const { heard } = door.invite();
    door.access.stop();
    expect(heard.slice(1)).toEqual([{ closed: 'ended' }]);
    door.access.openByButton();
    door.access.stop();
    expect(await door.ask(null)).toMatchObject({ type: 'refused' });
    expect(door.clock.armed).toBe(0);
  });
});

test('by button the first device that asks is an owner', async () => {
  door.access.openByButton();
  expect(await door.ask(null, '10.0.0.1', 'phone')).toMatchObject({ type: 'paired' });
  expect(await door.ask(null, '10.0.0.2', 'stranger')).toMatchObject({ type: 'refused' });
  expect(names()).toEqual(['phone, owner']);
});

describe('names', () => {
  test('are never the same twice, also of devices that come at once', async () => {
    const admit = () => door.access.admit({ role: 'owner', name: 'phone' });
    await Promise.all([admit(), admit(), admit()]);
    expect(names()).toEqual(['phone, owner', 'phone (2), owner', 'phone (3), owner']);
  });

  test('stay within 64 letters', async () => {
    const name = 'x'.repeat(64);
    await door.access.admit({ role: 'owner', name });
    const { device } = await door.access.admit({ role: 'owner', name });
    expect(device.name).toBe(`${'x'.repeat(60)} (2)`);
  });
});

describe(`${MAX_DEVICES} devices`, () => {
  const fill = (count: number) =>
    Promise.all(Array.from({ length: count }, () => door.access.admit({ role: 'viewer', name: 'x' })));

  test('may come in, one more may not, also of several that come at once', async () => {
    await fill(MAX_DEVICES - 1);
    const three = Array.from({ length: 3 }, () => door.access.admit({ role: 'owner', name: 'y' }));
    const results = await Promise.allSettled(three);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(door.access.devices).toHaveLength(MAX_DEVICES);
  });

  test('leave no room for an invitation, until one is revoked', async () => {
    await fill(MAX_DEVICES);
    let error: unknown;
    door.access.invite({ role: 'owner', name: null }).subscribe({
      error: (thrown) => {
        error = thrown;
      },
    });
    expect(error).toMatchObject({ code: 'too-many-devices', exitCode: 1 });
    await door.access.unpair('id-3');
    expect(await door.ask(door.invite().code)).toMatchObject({ type: 'paired' });
  });
});

describe('a device that is revoked', () => {
  test('comes in no more, and it is told whose streams have to end', async () => {
    const left: string[] = [];
    door.access.left$.subscribe((id) => left.push(id));
    const { token, device } = await door.access.admit({ role: 'owner', name: 'phone' });
    expect(await door.access.unpair(device.id)).toEqual(device);
    expect(door.access.holderOf(token)).toBeNull();
    expect(left).toEqual([device.id]);
    expect(door.facts.at(-1)).toEqual({ type: 'DeviceUnpaired', tokenId: device.id });
  });

  test('and is not there is 66', async () => {
    await expect(door.access.unpair('id-9')).rejects.toMatchObject({ exitCode: 66 });
    expect(door.facts).toEqual([]);
  });

  test('while the journal takes nothing still comes in, and that is said', async () => {
    const { token, device } = await door.access.admit({ role: 'owner', name: 'phone' });
    door.refusal = FULL;
    await expect(door.access.unpair(device.id)).rejects.toBe(FULL);
    expect(door.access.holderOf(token)).toEqual(device);
  });
});

test('what an earlier run recorded counts', async () => {
  const { token } = await door.access.admit({ role: 'viewer', name: 'tablet' });
  const next = new Doorman();
  for (const fact of door.facts) next.access.apply({ fact, at: '2026-11-21T00:00:00.000Z' });
  expect(next.access.holderOf(token)).toMatchObject({ name: 'tablet', role: 'viewer' });
});
