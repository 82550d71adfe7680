import type { NetworkInterfaceInfo } from 'node:os';
import { expect, test } from 'vitest';
import { hostsForUrls } from '../../adapters/http/hosts.ts';

const at = (address: string, internal = false): NetworkInterfaceInfo => {
  const rest = { address, internal, netmask: '', mac: '', cidr: null };
  return address.includes(':') ? { ...rest, family: 'IPv6', scopeid: 0 } : { ...rest, family: 'IPv4' };
};

test('IPv4 comes first, then what few phones can use', () => {
  const interfaces = {
    lo: [at('127.0.0.1', true), at('::1', true)],
    eth0: [at('169.254.3.4'), at('fe80::1'), at('2001:db8::7')],
    wlan0: [at('192.168.1.20')],
    gone: undefined,
  };
  expect(hostsForUrls(interfaces)).toEqual(['192.168.1.20', '169.254.3.4', '[2001:db8::7]']);
});

test('without a network there is none', () => {
  expect(hostsForUrls({ lo: [at('127.0.0.1', true)] })).toEqual([]);
});
