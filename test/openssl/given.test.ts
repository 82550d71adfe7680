import { createPrivateKey } from 'node:crypto';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { given } from '../../adapters/openssl/given.ts';
import { certificateSourceContract } from '../contracts/certificate-source.contract.ts';
import { type Made, makeCertificate } from '../network/certificate-maker.ts';

const NOW_MS = Date.parse('2026-11-22T00:00:00Z');
const DAY_MS = 86_400_000;
const later = () => makeCertificate(NOW_MS + 100 * DAY_MS);

class Files {
  readonly folder = mkdtempSync(join(tmpdir(), 'imagetank-tls-'));
  readonly cert = join(this.folder, 'cert.pem');
  readonly key = join(this.folder, 'key.pem');
  readonly said: string[] = [];
  #written = 1;

  write({ cert, key }: Partial<Made>): this {
    if (cert !== undefined) this.#put(this.cert, cert);
    if (key !== undefined) this.#put(this.key, key);
    return this;
  }

  source(takesExpired = false) {
    const { cert, key, said } = this;
    return given({ cert, key, nowMs: () => NOW_MS, warn: (text) => said.push(text), takesExpired });
  }

  clear() {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Each writing has a time of its own, however quick it follows. */
  #put(path: string, text: string) {
    writeFileSync(path, text);
    utimesSync(path, this.#written, this.#written++);
  }
}

certificateSourceContract('files of the owner', () => {
  const files = new Files().write(later());
  return {
    source: files.source(),
    renew: () => void files.write(later()),
    breakIt: () => void files.write({ key: later().key }),
    clear: () => files.clear(),
  };
});

let files: Files;
beforeEach(() => {
  files = new Files();
});
afterEach(() => files.clear());

describe('refused with 78, the file and what to do:', () => {
  const encrypted = (key: string) =>
    createPrivateKey(key).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'x' });
  test.each<[what: string, write: () => Partial<Made>, says: RegExp, hint: RegExp]>([
    [
      'a certificate that is not there',
      () => ({ key: later().key }),
      /cert\.pem: ENOENT/,
      /correct the path/,
    ],
    ['a key that is not there', () => ({ cert: later().cert }), /key\.pem: ENOENT/, /correct the path/],
    ['no certificate', () => ({ ...later(), cert: 'x' }), /no certificate in it.*cert\.pem/, /PEM/],
    ['no key', () => ({ ...later(), key: 'x' }), /no private key in it.*key\.pem/, /PEM/],
    ['the key of another one', () => ({ ...later(), key: later().key }), /not the key of/, /belong together/],
    [
      'an encrypted key',
      () => ({ ...later(), key: encrypted(later().key) as string }),
      /encrypted.*key\.pem/,
      /openssl pkey/,
    ],
    [
      'a file as long as a film',
      () => ({ ...later(), cert: 'x'.repeat(256 * 1024 + 1) }),
      /larger than 262144 bytes/,
      /path/,
    ],
    ['an end that is over', () => makeCertificate(NOW_MS), /ended on 2026-11-22.*cert\.pem/, /renew it/],
  ])('%s', async (_what, write, says, hint) => {
    files.write(write());
    await expect(files.source().load()).rejects.toMatchObject({
      code: 'bad-certificate',
      exitCode: 78,
      message: expect.stringMatching(says),
      hint: expect.stringMatching(hint),
    });
    expect(files.said).toEqual([]);
  });

  test('a folder', async () => {
    const source = given({
      ...files,
      cert: files.folder,
      nowMs: () => NOW_MS,
      warn() {},
      takesExpired: false,
    });
    files.write(later());
    await expect(source.load()).rejects.toMatchObject({
      exitCode: 78,
      message: expect.stringMatching(/EISDIR/),
    });
  });
});

test('where nobody sits in front of it, one that has ended is served and said', async () => {
  files.write(makeCertificate(NOW_MS - DAY_MS));
  expect((await files.source(true).load()).validToMs).toBe(NOW_MS - DAY_MS);
  expect(files.said).toEqual([`tls: the certificate ended on 2026-11-21, ${files.cert}`]);
});

test('two files that are renewed one after the other are never taken half', async () => {
  const [first, second] = [later(), later()];
  const source = files.write(first).source();
  const served = await source.load();
  files.write({ cert: second.cert });
  expect(await source.newer(served)).toBeNull();
  files.write({ key: second.key });
  expect(await source.newer(served)).toBeNull();
  expect((await source.newer(served))?.cert).toBe(second.cert);
});

test('a renewed one that has ended already is refused, each time anew', async () => {
  const source = files.write(later()).source(true);
  const served = await source.load();
  files.write(makeCertificate(NOW_MS));
  expect(await source.newer(served)).toBeNull();
  for (const _look of [1, 2]) {
    await expect(source.newer(served)).rejects.toMatchObject({ code: 'bad-certificate' });
  }
});
