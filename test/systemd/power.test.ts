import { expect, test } from 'vitest';
import { createMachinePower } from '../../adapters/systemd/power.ts';
import type { Outcome } from '../../adapters/systemd/run.ts';

function machine(outcome: Outcome) {
  const ran: string[] = [];
  const power = createMachinePower(async (file, args, { deadlineMs }) => {
    ran.push([file, ...args].join(' '));
    expect(deadlineMs).toBeGreaterThan(0);
    return outcome;
  });
  return { ran, power };
}

test.each(['poweroff', 'reboot'] as const)('%s goes through systemctl, which asks nobody', async (action) => {
  const { ran, power } = machine({ ok: true, text: '' });
  await power.end(action);
  expect(ran).toEqual([`systemctl --no-ask-password ${action}`]);
});

test('a stop is no business of the machine', async () => {
  const { ran, power } = machine({ ok: true, text: '' });
  await power.end('stop');
  expect(ran).toEqual([]);
});

test('a refusal is said, with its reason', async () => {
  const { power } = machine({ ok: false, text: 'Access denied' });
  await expect(power.end('poweroff')).rejects.toThrow('systemctl poweroff: Access denied');
});

test.each([
  ['stopping', true],
  ['running', false],
  ['degraded', false],
  ['starting', false],
  ['offline', true],
  ['Failed to connect to bus', true],
  ['took too long', true],
])('a machine that says %j goes down: %j', async (text, expected) => {
  const { ran, power } = machine({ ok: text === 'running', text });
  expect(await power.goingDown()).toBe(expected);
  expect(ran).toEqual(['systemctl is-system-running']);
});
