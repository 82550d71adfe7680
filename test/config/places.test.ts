import { describe, expect, test } from 'vitest';
import { MAX_SOCKET_PATH_BYTES, resolvePlaces, type Surroundings } from '../../services/config/places.ts';
import { UserError } from '../../services/errors.ts';

/** A person's machine with nothing of ours on it, but for what a test says. */
function places(around: Partial<Omit<Surroundings, 'exists'>> = {}, ...there: readonly string[]) {
  return resolvePlaces({
    flag: undefined,
    env: {},
    cwd: '/work',
    home: '/home/pi',
    ...around,
    exists: (path) => there.includes(path),
  });
}

const SERVICE = '/var/lib/imagetank';
const RUN = '/run/imagetank';
const RUN_SOCKET = '/run/imagetank/imagetank.sock';
const everywhere = (stateDir: string, socket = `${stateDir}/imagetank.sock`) => ({
  stateDir,
  socketPath: socket,
  listenPath: socket,
});

function refusal(act: () => unknown): UserError {
  try {
    act();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

describe('the state folder', () => {
  test('is --state, resolved against where the command was typed', () => {
    expect(places({ flag: 'state' })).toEqual(everywhere('/work/state'));
    expect(places({ flag: '../x/' })).toEqual(everywhere('/x'));
    expect(places({ flag: '/srv/tank' })).toEqual(everywhere('/srv/tank'));
  });

  test('--state wins over the environment, and over a service that runs', () => {
    const env = { IMAGETANK_STATE: '/env', XDG_STATE_HOME: '/xdg' };
    expect(places({ flag: '/flag', env }, SERVICE, RUN, RUN_SOCKET)).toEqual(everywhere('/flag'));
  });

  test('else IMAGETANK_STATE, also over a service that runs', () => {
    const env = { IMAGETANK_STATE: 'env', XDG_STATE_HOME: '/xdg' };
    expect(places({ env }, SERVICE, RUN, RUN_SOCKET)).toEqual(everywhere('/work/env'));
  });

  test('an empty IMAGETANK_STATE is none, an empty --state is a mistake', () => {
    expect(places({ env: { IMAGETANK_STATE: '' } })).toEqual(everywhere('/home/pi/.local/state/imagetank'));
    expect(refusal(() => places({ flag: '' }))).toMatchObject({ exitCode: 64 });
  });

  test('else that of the service, when the machine has one', () => {
    expect(places({ env: { XDG_STATE_HOME: '/xdg' } }, SERVICE)).toEqual(everywhere(SERVICE));
  });

  test('else the one of XDG; a relative one is ignored, as its specification says', () => {
    expect(places({ env: { XDG_STATE_HOME: '/xdg' } })).toEqual(everywhere('/xdg/imagetank'));
    expect(places({ env: { XDG_STATE_HOME: 'xdg' } })).toEqual(everywhere('/home/pi/.local/state/imagetank'));
    expect(places()).toEqual(everywhere('/home/pi/.local/state/imagetank'));
  });
});

describe('the socket', () => {
  test('of a service that runs is the one in /run', () => {
    expect(places({}, SERVICE, RUN, RUN_SOCKET)).toEqual(everywhere(SERVICE, RUN_SOCKET));
  });

  test('of a service that has not started yet is made in /run, and not looked for there', () => {
    expect(places({}, SERVICE, RUN)).toEqual({
      stateDir: SERVICE,
      socketPath: `${SERVICE}/imagetank.sock`,
      listenPath: RUN_SOCKET,
    });
  });

  test('in /run answers also where the state folder of the service is not seen', () => {
    expect(places({}, RUN, RUN_SOCKET)).toEqual(everywhere('/home/pi/.local/state/imagetank', RUN_SOCKET));
  });

  test('a folder in /run without a service is not used', () => {
    expect(places({}, RUN)).toEqual(everywhere('/home/pi/.local/state/imagetank'));
  });
});

describe('the path of a socket', () => {
  const NAME_BYTES = Buffer.byteLength('//imagetank.sock');
  const folder = (bytes: number) => `/${'x'.repeat(bytes - NAME_BYTES)}`;

  test('may have 107 bytes', () => {
    const flag = folder(MAX_SOCKET_PATH_BYTES);
    expect(Buffer.byteLength(places({ flag }).socketPath)).toBe(107);
  });

  test.each([
    ['--state', { flag: folder(108) }],
    ['IMAGETANK_STATE', { env: { IMAGETANK_STATE: folder(108) } }],
    ['XDG_STATE_HOME', { env: { XDG_STATE_HOME: folder(108) } }],
  ])('is refused with 108, from %s', (_, around) => {
    const { exitCode, message, hint } = refusal(() => places(around));
    expect(exitCode).toBe(78);
    expect(message).toMatch(/socket path of 1\d\d bytes, \/x+/);
    expect(hint).toContain('107');
  });

  test('is counted in bytes, not in letters', () => {
    const flag = `/${'ö'.repeat(60)}`;
    expect(flag.length).toBeLessThan(MAX_SOCKET_PATH_BYTES);
    expect(refusal(() => places({ flag })).exitCode).toBe(78);
  });

  test('does not matter where another one is used', () => {
    const env = { XDG_STATE_HOME: folder(200) };
    expect(places({ env }, RUN_SOCKET).socketPath).toBe(RUN_SOCKET);
  });
});
