import type { NetworkInterfaceInfo } from 'node:os';
import { describe, expect, test } from 'vitest';
import { linkOf, linksOf } from '../../adapters/multicast-dns/links.ts';

const ipv4 = (address: string, netmask = '255.255.255.0', internal = false): NetworkInterfaceInfo => {
  return { family: 'IPv4', address, netmask, internal, mac: '', cidr: null };
};
const ipv6 = (address: string): NetworkInterfaceInfo => {
  return { family: 'IPv6', address, netmask: 'ffff::', internal: false, mac: '', cidr: null, scopeid: 0 };
};
const lo = [ipv4('127.0.0.1', '255.0.0.0', true)];

describe('links', () => {
  test('are interfaces with IPv4, by name; of IPv6 what works without a zone', () => {
    const wlan0 = [ipv6('fe80::7'), ipv6('2001:db8::7'), ipv4('192.168.2.7')];
    const eth0 = [ipv4('192.168.1.7'), ipv4('169.254.3.4', '255.255.0.0')];
    expect(linksOf({ wlan0, lo, eth0, tun0: [ipv6('2001:db8::9')], eth1: [], eth2: undefined })).toEqual([
      {
        name: 'eth0',
        address: '192.168.1.7',
        addresses: ['169.254.3.4', '192.168.1.7'],
        own: ['169.254.3.4', '192.168.1.7'],
      },
      {
        name: 'wlan0',
        address: '192.168.2.7',
        addresses: ['192.168.2.7', '2001:db8::7'],
        own: ['192.168.2.7', '2001:db8::7', 'fe80::7'],
      },
    ]);
  });

  test('are the same in whatever order the system tells them', () => {
    const one = { a: [ipv6('2001:db8::2'), ipv4('10.0.0.2'), ipv6('2001:db8::1')], b: [ipv4('10.0.1.2')] };
    const other = { b: one.b, a: [ipv4('10.0.0.2'), ipv6('2001:db8::1'), ipv6('2001:db8::2')] };
    expect(linksOf(one)).toEqual(linksOf(other));
  });

  test('are those inside of the machine when a test asks', () => {
    expect(linksOf({ lo, eth0: [ipv4('192.168.1.7')] }, true).map(({ name }) => name)).toEqual(['lo']);
  });

  test('are eight at most, with eight addresses at most, IPv4 first', () => {
    const bridges = Object.fromEntries(
      Array.from({ length: 300 }, (_, at) => [
        `br${String(at).padStart(3, '0')}`,
        [ipv4(`10.0.${at % 250}.1`)],
      ]),
    );
    expect(linksOf(bridges).map(({ name }) => name)).toEqual(
      Array.from({ length: 8 }, (_, at) => `br00${at}`),
    );
    const many = [...Array.from({ length: 20 }, (_, at) => ipv6(`2001:db8::${at + 1}`)), ipv4('10.0.0.1')];
    const [link] = linksOf({ many });
    expect(link?.addresses).toHaveLength(8);
    expect(link?.addresses[0]).toBe('10.0.0.1');
    expect(link?.own).toHaveLength(21);
  });
});

describe('an address is on', () => {
  const interfaces = {
    eth0: [ipv6('fe80::1'), ipv4('192.168.1.7')],
    wlan0: [ipv4('10.255.0.1', '255.128.0.0'), ipv4('192.168.3.1')],
    high: [ipv4('203.0.113.129', '255.255.255.128')],
  };
  test.each([
    ['192.168.1.7', 'eth0'],
    ['192.168.1.255', 'eth0'],
    ['192.168.2.1', null],
    ['192.168.3.9', 'wlan0'],
    ['10.128.0.0', 'wlan0'],
    ['10.127.255.255', null],
    ['203.0.113.128', 'high'],
    ['203.0.113.127', null],
    ['fe80::1', null],
    ['', null],
    ['1.2.3', null],
    ['192.168.1.256', null],
    ['192.168.1.x', null],
  ])('%s: %s', (address, link) => {
    expect(linkOf(address, interfaces)).toBe(link);
  });
});
