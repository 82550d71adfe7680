import { describe, expect, test } from 'vitest';
import { imageSteps, liveSteps, removalSteps, runSteps } from '../../adapters/systemd/steps.ts';

const UNITS = ['imagetank-mount.socket', 'imagetank.socket', 'imagetank.service'];

/** Runs them with the programs that fail; gives what ran and what was said. */
async function go(steps: ReturnType<typeof liveSteps>, ...failing: readonly string[]) {
  const ran: string[] = [];
  const said: string[] = [];
  const error = await runSteps(
    steps,
    (text) => void said.push(text),
    async (file, args) => {
      ran.push([file, ...args].join(' '));
      return failing.includes(file)
        ? { ok: false, text: 'first line\nno such thing' }
        : { ok: true, text: '' };
    },
  ).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return { ran, said, error };
}

describe('on the running machine', () => {
  test('the user is there before the sockets are his, and systemd reads before it starts', async () => {
    const { ran } = await go(liveSteps(false));
    const at = (text: string) => ran.findIndex((command) => command.startsWith(text));
    expect(at('systemd-sysusers')).toBe(0);
    expect(at('systemctl daemon-reload')).toBeLessThan(at('systemctl enable'));
    expect(at('udevadm control')).toBeLessThan(at('udevadm trigger'));
    expect(ran.at(-1)).toBe(`systemctl start ${UNITS.join(' ')}`);
  });

  test('what changed is started anew', async () => {
    expect((await go(liveSteps(true))).ran.at(-1)).toBe(`systemctl restart ${UNITS.join(' ')}`);
  });

  test('a machine without udev is told, and all else is done', async () => {
    const { ran, said, error } = await go(liveSteps(false), 'udevadm');
    expect(error).toBeNull();
    expect(ran).toHaveLength(liveSteps(false).length);
    expect(said.filter((text) => text.includes('no such thing'))).toHaveLength(3);
  });

  test('a needed step that fails ends it with the last line of its message: 74', async () => {
    const { ran, error } = await go(liveSteps(false), 'systemd-tmpfiles');
    expect(error).toMatchObject({
      exitCode: 74,
      message: expect.stringMatching(/^systemd-tmpfiles.*: no such thing$/),
    });
    expect(ran).toHaveLength(2);
  });
});

test('in an image nothing is started', async () => {
  const { ran } = await go(imageSteps('/img'));
  expect(ran).toEqual([
    'systemd-sysusers --root=/img imagetank.conf',
    `systemctl --root=/img enable ${UNITS.join(' ')}`,
  ]);
});

test('removal stops before files go, the service first; the user stays', async () => {
  const live = removalSteps(null);
  expect((await go(live.before)).ran).toEqual([`systemctl disable --now ${UNITS.toReversed().join(' ')}`]);
  expect((await go(live.after)).ran[0]).toBe('systemctl daemon-reload');
  const image = removalSteps('/img');
  expect((await go([...image.before, ...image.after])).ran).toEqual([
    `systemctl --root=/img disable ${UNITS.join(' ')}`,
  ]);
});
