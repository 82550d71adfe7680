import type { ConfigProblem } from '../../services/config/layers.ts';
import type { Check, Circumstances } from './examine.ts';
import type { PortAnswer, Probes } from './probes.ts';

/** Local port 5353 in a line of /proc/net/udp (proc(5)). */
const MDNS_PORT = /^\s*\d+: [0-9A-F]{8}:14E9 /;
const AVAHI = '/run/avahi-daemon/socket';

/** The way in from the network, as far as others know it. */
export interface NetworkState {
  /** What is wrong with the files of `tls`; null when they are good, or may not be read by whoever asks. */
  readonly tlsFlaw: Pick<ConfigProblem, 'what' | 'hint'> | null;
  /** Why the daemon that runs has it closed; null when it is open, or no daemon runs. */
  readonly closed: string | null;
}

export async function examineNetwork(probes: Probes, around: Circumstances): Promise<readonly Check[]> {
  return [
    ...(await checkTls(probes, around)),
    ...(await checkPort(probes, around)),
    ...checkMdns(probes, around.config),
  ];
}

/** A daemon that runs has the port itself, and says why when it has not. */
async function checkPort(
  probes: Probes,
  { config: loaded, places, network: { closed } }: Circumstances,
): Promise<Check[]> {
  const port = 'problems' in loaded ? null : loaded.config.port;
  if (port === null) return [];
  const name = 'port';
  if (closed !== null)
    return [{ name, ok: false, found: closed, fix: 'when it is mended it opens by itself' }];
  if ((await probes.socket(places.socketPath)) === 'answers') {
    return [{ name, ok: true, found: `${port}, the daemon runs`, fix: null }];
  }
  const found = {
    free: `${port}`,
    taken: `another program listens at ${port}`,
    'not-permitted': `nobody may listen at ${port}`,
  } as const satisfies Record<PortAnswer, string>;
  const answer = await probes.port(port);
  const fix = `stop it (sudo ss -ltnp "sport = ${port}"), or choose another port`;
  return [{ name, ok: answer === 'free', found: found[answer], fix: answer === 'free' ? null : fix }];
}

/** Nothing where nothing is encrypted. Where the key is for the service's user alone, only whether it is there can be told. */
async function checkTls(
  probes: Probes,
  { config: loaded, network: { tlsFlaw } }: Circumstances,
): Promise<Check[]> {
  const tls = 'problems' in loaded ? 'off' : loaded.config.tls;
  if (tls === 'off') return [];
  if (tls === 'self-signed') {
    const version = await probes.program('openssl', ['version']);
    const found = version ?? 'openssl is missing: no certificate can be made';
    return [{ name: 'tls', ok: version !== null, found, fix: 'sudo apt install openssl' }];
  }
  const gone = [tls.cert, tls.key].filter((path) => !probes.exists(path));
  if (gone.length > 0) {
    const found = `not there, or not to be seen: ${gone.join(', ')}`;
    return [{ name: 'tls', ok: false, found, fix: 'correct the paths in tls' }];
  }
  if (tlsFlaw !== null) return [{ name: 'tls', ok: false, found: tlsFlaw.what, fix: tlsFlaw.hint }];
  return [{ name: 'tls', ok: true, found: tls.cert, fix: null }];
}

/** Others at the port of multicast DNS are no fault: it is shared. */
function checkMdns(probes: Probes, loaded: Circumstances['config']): Check[] {
  const known = 'problems' in loaded ? null : loaded.config;
  if (known === null || known.port === null) return [];
  const lines = (probes.read('/proc/net/udp') ?? '').split('\n');
  const isShared = lines.some((line) => MDNS_PORT.test(line));
  const found = [
    known.mdns ? 'on, imagetank.local' : 'off: the box is found by its address only',
    ...(isShared ? ['somebody listens at UDP port 5353'] : []),
    ...(probes.exists(AVAHI) ? ['avahi tells the name of the machine'] : []),
  ];
  return [{ name: 'mdns', ok: true, found: found.join('; '), fix: null }];
}
