/** The box by its name on the network. Loaded only where there is a port and `mdns` says so. */
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { MulticastDns } from '../adapters/multicast-dns/multicast.ts';
import { Announcer, type AnnouncerParts } from '../services/network/announcer.ts';

const LABEL = 'imagetank';
/** Of Debian's avahi-daemon, which answers for `<hostname>.local`; there from early in the boot on. */
const AVAHI = '/run/avahi-daemon/socket';

type Parts = Pick<AnnouncerParts, 'port' | 'clock' | 'called' | 'warn'> & {
  readonly multicast?: AnnouncerParts['multicast'] | undefined;
};

export function createAnnouncer({ multicast = new MulticastDns(), ...parts }: Parts): Announcer {
  return new Announcer({ ...parts, multicast, random: Math.random, label: LABEL, hostIsTold });
}

/** On a machine of our name two programs would fight over it, and avahi gives up its own. */
const hostIsTold = () => hostname().toLowerCase().split('.')[0] === LABEL && existsSync(AVAHI);
