import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';

type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/** Addresses for a URL under which other machines reach this one: IPv4 first, which every phone understands. */
export function hostsForUrls(interfaces: Interfaces = networkInterfaces()): readonly string[] {
  const outside = Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal }) => !internal);
  const ipv4 = outside.filter(({ family }) => family === 'IPv4').map(({ address }) => address);
  const ipv6 = outside
    .filter(({ family, address }) => family === 'IPv6' && !address.startsWith('fe80:'))
    .map(({ address }) => `[${address}]`);
  const linkLocal = (address: string) => address.startsWith('169.254.');
  return [...ipv4.filter((address) => !linkLocal(address)), ...ipv4.filter(linkLocal), ...ipv6];
}

/** Every address of this machine, those of the loopback too; of a link only without its zone, so not at all. */
export const ownAddresses = (interfaces: Interfaces = networkInterfaces()): readonly string[] =>
  Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .map(({ address }) => address)
    .filter((address) => !address.startsWith('fe80:'));
