import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { announce, authorize, callerOf, deviceOf, type Need } from '../../adapters/http/callers.ts';
import type { Device } from '../../services/access/book.ts';

const request = (method = 'GET') => ({ method }) as IncomingMessage;
const device = (role: Device['role']): Device => ({ id: role, name: role, role, pairedAt: '' });
const IN = { devices: [device('owner'), device('viewer')] };

const NEEDS: readonly (Need | undefined)[] = ['anyone', 'viewer', 'owner', 'box', undefined];
/** Whom each caller may ask, to read and to order. */
function may(kind: string, access = IN): string[] {
  const allowed: string[] = [];
  for (const method of ['GET', 'HEAD', 'POST', 'DELETE']) {
    for (const need of NEEDS) {
      const asked = request(method);
      if (kind === 'box') announce(asked, { kind });
      else if (kind === 'owner' || kind === 'viewer')
        announce(asked, { kind: 'device', device: device(kind) });
      else if (kind === 'stranger') announce(asked, { kind });
      try {
        authorize(asked, need, access);
        allowed.push(`${method} ${need ?? 'default'}`);
      } catch (error) {
        expect(error).toMatchObject({ exitCode: 77 });
      }
    }
  }
  return allowed;
}
const all = (method: string, ...needs: readonly string[]) => needs.map((need) => `${method} ${need}`);

describe('who may ask what', () => {
  const READS = ['GET', 'HEAD'];
  const ORDERS = ['POST', 'DELETE'];

  test('the box: everything', () => {
    expect(may('box')).toHaveLength(20);
  });

  test('an owner: everything but what is done on the box', () => {
    const needs = ['anyone', 'viewer', 'owner', 'default'];
    expect(may('owner')).toEqual([...READS, ...ORDERS].flatMap((method) => all(method, ...needs)));
  });

  test('a viewer: what is for viewers, and to read what says nothing', () => {
    expect(may('viewer')).toEqual([
      ...READS.flatMap((method) => all(method, 'anyone', 'viewer', 'default')),
      ...ORDERS.flatMap((method) => all(method, 'anyone', 'viewer')),
    ]);
  });

  test.each(['stranger', 'one that came through no door'])('%s: what is for anyone', (kind) => {
    expect(may(kind)).toEqual([...READS, ...ORDERS].flatMap((method) => all(method, 'anyone')));
  });

  test.each(['owner', 'viewer'])('%s that was revoked: what is for anyone', (kind) => {
    expect(may(kind, { devices: [] })).toHaveLength(4);
  });
});

test('only a device is one', () => {
  const [box, phone] = [request(), request()];
  announce(box, { kind: 'box' });
  announce(phone, { kind: 'device', device: device('owner') });
  expect([deviceOf(box), deviceOf(request()), deviceOf(phone)?.id]).toEqual([null, null, 'owner']);
  expect(callerOf(request())).toEqual({ kind: 'stranger' });
});
