import { escapeText } from '../../adapters/terminal/escape.ts';
import { qrLines } from '../../adapters/terminal/qr.ts';
import { alignRows } from '../../adapters/terminal/table.ts';
import type {
  AdmittedShape,
  DeviceShape,
  ListedDeviceShape,
  PairingMessageShape,
} from '../../services/access/shapes.ts';
import { UserError } from '../../services/errors.ts';
import { addressOf, type Where } from '../../services/network/reach.ts';
import type { Action, Cli, Options } from './cli.ts';

type Open = Extract<PairingMessageShape, { open: unknown }>['open'];

/** Shows the code and waits until somebody came in; 1 when nobody did. */
export const pair: Action = async (cli, _args, options) => {
  cli.stopOnInterrupt();
  const body = { role: roleOf(options), name: nameOf(options) };
  for await (const line of await cli.client().lines('pairing', { body, signal: cli.stopped })) {
    const message = JSON.parse(line) as PairingMessageShape;
    if ('open' in message) show(cli, message.open);
    else if ('closed' in message) throw nobodyCame(message.closed);
    else {
      const { name, role } = message.paired;
      cli.answer(message, () => [`${escapeText(name)} came in: ${AS_ROLE[role]}`]);
      return 0;
    }
  }
  if (cli.stopped.aborted) throw nobodyCame('stopped');
  throw new UserError(
    'daemon-gone',
    69,
    'the daemon ended before anybody came in',
    'start it: imagetank run',
  );
};

const AS_ROLE = { owner: 'an owner, who may do everything', viewer: 'a viewer, who may only read' } as const;

function show(cli: Cli, { code, secondsLeft, role, name, ...where }: Open): void {
  const urls = urlsOf(where);
  const { fingerprint } = where;
  const [url = '', ...others] = urls.map((base) => `${base}/#code=${code}`);
  cli.answer({ open: { code, role, name, secondsLeft, url, urls, fingerprint } }, () => [
    ...(cli.quiet ? [] : qrLines(url, process.stdout.isTTY === true)),
    `code     ${code.slice(0, 3)} ${code.slice(3)}, for ${secondsLeft / 60} minutes and one device: ${AS_ROLE[role]}`,
    `open     ${urls[0] ?? ''}`,
    ...(others.length === 0 ? [] : [`or       ${urls.slice(1).join('  ')}`]),
    ...(fingerprint === null ? [] : [`check    ${fingerprint} (SHA-256 of its certificate)`]),
  ]);
  cli.remark('waiting; Ctrl-C closes it');
}

const urlsOf = (where: Where): readonly string[] => addressOf(where).urls;

const AGAIN = 'ask again: imagetank pair';
const WHY = {
  expired: ['five minutes are over', AGAIN],
  replaced: ['another pairing was opened', 'use that one, or ask again: imagetank pair'],
  guessed: ['five wrong codes closed it', `somebody on this network may be guessing; ${AGAIN}`],
  ended: ['imagetank stops', 'start it and ask again'],
  stopped: ['stopped', AGAIN],
} as const;

function nobodyCame(why: keyof typeof WHY): UserError {
  const [text, hint] = WHY[why];
  return new UserError(`pairing-${why}`, 1, `nobody came in: ${text}`, hint);
}

export const list: Action = async (cli) => {
  const devices = await cli.client().get<readonly ListedDeviceShape[]>('devices');
  cli.answer(devices, () =>
    alignRows(
      devices.map(({ id, name, role, pairedAt, lastSeenAt, lastSeenOver }) => [
        escapeText(name),
        role,
        `since ${minute(pairedAt)}`,
        lastSeenAt === null ? 'not seen' : `seen ${minute(lastSeenAt)} (${lastSeenOver ?? ''})`,
        id,
      ]),
    ),
  );
  if (devices.length === 0) cli.remark('nobody may come in: imagetank pair');
  return 0;
};

export const revoke: Action = async (cli, [word = '']) => {
  const devices = await cli.client().get<readonly DeviceShape[]>('devices');
  const device = devices.find(({ id }) => id === word) ?? devices.find(({ name }) => name === word);
  if (device === undefined) {
    throw new UserError('unknown-device', 66, `${word}: no such device`, 'see: imagetank pair list');
  }
  await cli.client().remove(`devices/${device.id}`);
  cli.answer(device, () => [`revoked ${escapeText(device.name)}`]);
  return 0;
};

export const token: Action = async (cli, _args, options) => {
  const name = nameOf(options);
  if (name === null) {
    throw new UserError(
      'usage',
      64,
      '--name is missing',
      'for example: imagetank pair token --name shortcut',
    );
  }
  const answer = await cli.client().post<AdmittedShape>('tokens', { role: roleOf(options), name });
  const { token: secret, device, ...where } = answer;
  const urls = urlsOf(where);
  cli.answer({ token: secret, device, urls }, () => [secret]);
  cli.remark(`${device.name}: ${AS_ROLE[device.role]}. It is not shown again. For example:`);
  cli.remark(`curl -H "authorization: Bearer TOKEN" ${urls[0] ?? ''}/api/v1/status`);
  return 0;
};

const minute = (at: string) => at.slice(0, 16).replace('T', ' ');
const roleOf = ({ viewer }: Options) => (viewer === true ? 'viewer' : 'owner');
const nameOf = ({ name }: Options) => (typeof name === 'string' ? name : null);
