import { expect, test } from 'vitest';
import { VirtualClock } from '../../adapters/memory/virtual-clock.ts';
import { CertificateWatch } from '../../services/network/certificates.ts';
import type { Certificate } from '../../services/network/ports.ts';
import { turns } from '../http/kit.ts';

const certificate = (fingerprint: string): Certificate => ({
  cert: '',
  key: '',
  fingerprint,
  validFromMs: 0,
  validToMs: 0,
});

/** A watch over a source that answers what the test puts there. */
function watched() {
  const clock = new VirtualClock();
  const answers: (Certificate | Error | null)[] = [];
  const heard = { than: [] as string[], served: [] as string[], said: [] as string[] };
  let refused: Error | null = null;
  const watch = new CertificateWatch({
    clock,
    source: {
      load: async () => certificate('unused'),
      newer: async ({ fingerprint }) => {
        heard.than.push(fingerprint);
        const answer = answers.shift() ?? null;
        if (answer instanceof Error) throw answer;
        return answer;
      },
    },
    serve: ({ fingerprint }) => {
      if (refused !== null) throw refused;
      heard.served.push(fingerprint);
    },
    warn: (text) => heard.said.push(text),
  });
  const minute = async () => {
    clock.advance(60_000);
    await turns(3);
  };
  const refuse = (error: Error) => {
    refused = error;
  };
  return { clock, answers, heard, watch, minute, refuse };
}

test('a newer one is served within a minute, and the next is held against that', async () => {
  const { answers, heard, watch, minute, clock } = watched();
  watch.start(certificate('A'));
  clock.advance(59_999);
  await turns(3);
  expect(heard.than).toEqual([]);
  answers.push(certificate('B'));
  await minute();
  await minute();
  expect(heard).toEqual({ than: ['A', 'B'], served: ['B'], said: [] });
});

test('what is wrong is said once, goes on being looked at, and is said again after it was well', async () => {
  const { answers, heard, watch, minute } = watched();
  watch.start(certificate('A'));
  answers.push(new Error('x'), new Error('x'), new Error('y'), null, new Error('y'), certificate('B'));
  for (let look = 0; look < 6; look++) await minute();
  const words = 'the certificate of before is served';
  expect(heard.said).toEqual([`x; ${words}`, `y; ${words}`, `y; ${words}`]);
  expect(heard).toMatchObject({ than: ['A', 'A', 'A', 'A', 'A', 'A'], served: ['B'] });
});

test('one that the server refuses is not the one that is served', async () => {
  const { answers, heard, watch, minute, refuse } = watched();
  watch.start(certificate('A'));
  refuse(new Error('too short'));
  answers.push(certificate('B'));
  await minute();
  await minute();
  expect(heard).toEqual({
    than: ['A', 'A'],
    served: [],
    said: ['too short; the certificate of before is served'],
  });
});

test('stopped, nothing is looked at, served or armed any more; also before it began, and twice', async () => {
  const { answers, heard, watch, clock } = watched();
  watch.start(certificate('A'));
  answers.push(certificate('B'));
  clock.advance(60_000);
  watch.stop();
  watch.stop();
  await turns(3);
  expect([heard.served, clock.armed]).toEqual([[], 0]);
  watch.start(certificate('A'));
  expect(clock.armed).toBe(0);
});
