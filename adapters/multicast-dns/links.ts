import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import type { Link } from '../../services/network/ports.ts';

export type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/** A box has two; a machine with hundreds of virtual bridges must not shout into each. */
const MAX_LINKS = 8;
/** All of it fits into one packet. */
const MAX_ADDRESSES = 8;

/** Interfaces with an IPv4 address: only there the box speaks multicast DNS. `loopback`: for tests, those inside. */
export function linksOf(interfaces: Interfaces = networkInterfaces(), loopback = false): readonly Link[] {
  return Object.entries(interfaces)
    .map(([name, infos = []]) => [name, infos.filter(({ internal }) => internal === loopback)] as const)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([name, infos]) => {
      const own = infos.map(({ address }) => address).toSorted();
      const ipv4 = infos.filter(({ family }) => family === 'IPv4').map(({ address }) => address);
      // Of a link only, they want a zone, which no browser takes.
      const ipv6 = own.filter((address) => address.includes(':') && !address.startsWith('fe80:'));
      const [address] = ipv4;
      const addresses = [...ipv4.toSorted(), ...ipv6].slice(0, MAX_ADDRESSES);
      return address === undefined ? [] : [{ name, address, addresses, own }];
    })
    .slice(0, MAX_LINKS);
}

/** The link that an IPv4 address is on; null when there is none. */
export function linkOf(address: string, interfaces: Interfaces = networkInterfaces()): string | null {
  const asked = bits(address);
  const isOn = ({ family, address: own, netmask }: NetworkInterfaceInfo) =>
    family === 'IPv4' && asked !== null && ((asked ^ (bits(own) ?? 0)) & (bits(netmask) ?? 0)) === 0;
  return Object.entries(interfaces).find(([, infos = []]) => infos.some(isOn))?.[0] ?? null;
}

function bits(address: string): number | null {
  const parts = address.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 255))) return null;
  return parts.reduce((sum, part) => (sum << 8) | part, 0);
}
