import { expect, test } from 'vitest';
import { Reach } from '../../services/network/reach.ts';

function reached(hosts: string[] = ['192.168.1.7', '169.254.3.4', '[2001:db8::7]']) {
  const around = { hosts, asked: 0, nowMs: 0.5 };
  const reach = new Reach({
    hosts: () => {
      around.asked++;
      return around.hosts;
    },
    names: ['opal', 'imagetank.local'],
    monoMs: () => around.nowMs,
  });
  return { reach, around };
}

test('nothing is reached before it listens, nor after it was closed', () => {
  const { reach } = reached();
  expect([reach.now, reach.address]).toEqual([null, null]);
  reach.opened(8080, null);
  expect(reach.address).not.toBeNull();
  reach.closed();
  expect([reach.now, reach.address]).toEqual([null, null]);
});

test('without TLS it is http, with it https and a fingerprint', () => {
  const { reach } = reached(['192.168.1.7']);
  reach.opened(8080, null);
  expect(reach.now).toEqual({ port: 8080, encrypted: false, fingerprint: null, hosts: ['192.168.1.7'] });
  expect(reach.address).toEqual({ urls: ['http://192.168.1.7:8080'], fingerprint: null });
  reach.opened(8443, 'AB:CD');
  expect(reach.now).toMatchObject({ encrypted: true, fingerprint: 'AB:CD' });
  expect(reach.address).toEqual({ urls: ['https://192.168.1.7:8443'], fingerprint: 'AB:CD' });
});

test('the name of multicast DNS comes after the address that every phone can use, and is one of ours', () => {
  const { reach, around } = reached();
  reach.opened(8080, null);
  reach.called('imagetank-2.local');
  const hosts = ['192.168.1.7', 'imagetank-2.local', '169.254.3.4', '[2001:db8::7]'];
  expect(reach.now?.hosts).toEqual(hosts);
  expect(reach.names).toEqual(['opal', 'imagetank.local', 'imagetank-2.local']);
  around.hosts = ['10.0.0.1'];
  expect(reach.now?.hosts).toEqual(['10.0.0.1', 'imagetank-2.local']);
  around.hosts = ['[2001:db8::7]'];
  expect(reach.now?.hosts).toEqual(['imagetank-2.local', '[2001:db8::7]']);
  around.hosts = [];
  expect(reach.now?.hosts).toEqual(['imagetank-2.local']);
});

test('a name that is not announced is offered to nobody', () => {
  const { reach, around } = reached();
  reach.opened(8080, null);
  expect(reach.address?.urls.join()).not.toContain('.local');
  reach.called('imagetank.local');
  reach.called(null);
  expect(reach.address?.urls.join()).not.toContain('.local');
  expect(reach.names).toEqual(['opal', 'imagetank.local']);
  around.hosts = [];
  expect(reach.now?.hosts).toEqual(['localhost']);
});

test('for status the interfaces are listed every 10 s, and anew when something is told', () => {
  const { reach, around } = reached(['a']);
  reach.opened(1, null);
  for (let ask = 0; ask < 100; ask++) expect(reach.address?.urls).toEqual(['http://a:1']);
  expect(around.asked).toBe(1);
  around.hosts = ['b'];
  around.nowMs += 9999;
  expect(reach.address?.urls).toEqual(['http://a:1']);
  around.nowMs += 1;
  expect(reach.address?.urls).toEqual(['http://b:1']);
  reach.called('c.local');
  expect(reach.address?.urls).toEqual(['http://b:1', 'http://c.local:1']);
});
