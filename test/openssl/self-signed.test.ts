import { X509Certificate } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type RunOpenssl, runOpenssl } from '../../adapters/openssl/make.ts';
import { selfSigned } from '../../adapters/openssl/self-signed.ts';
import { certificateSourceContract } from '../contracts/certificate-source.contract.ts';
import { makeCertificate } from '../network/certificate-maker.ts';

const DAY_MS = 86_400_000;
const START_MS = Date.parse('2026-11-22T00:00:00Z');
const NAMES = ['opal', 'opal.local', 'imagetank.local', 'localhost', '192.168.1.7', '2001:db8::7'];
const hasOpenssl = existsSync('/usr/bin/openssl');
if (!hasOpenssl) console.info('skipped: certificates by openssl (apt install openssl)');

/** A state folder, a wall clock, and an openssl of the test. */
class Box {
  readonly stateDir = mkdtempSync(join(tmpdir(), 'imagetank-tls-'));
  readonly path = join(this.stateDir, 'tls.pem');
  readonly said: string[] = [];
  names: readonly string[] = NAMES;
  nowMs = START_MS;
  isSynced = true;
  made = 0;
  run: RunOpenssl = async () => {
    this.made++;
    const { cert, key } = makeCertificate(this.nowMs + 825 * DAY_MS, ['opal'], this.nowMs);
    return key + cert;
  };

  source() {
    return selfSigned({
      stateDir: this.stateDir,
      names: () => this.names,
      nowMs: () => this.nowMs,
      isSynced: () => this.isSynced,
      warn: (text) => this.said.push(text),
      run: (args, input) => this.run(args, input),
    });
  }

  clear() {
    rmSync(this.stateDir, { recursive: true, force: true });
  }
}

const broken: RunOpenssl = async () => {
  throw Object.assign(new Error('spawn openssl ENOENT'), { code: 'ENOENT' });
};

certificateSourceContract('made on the box', () => {
  const box = new Box();
  const renew = () => {
    box.nowMs += 800 * DAY_MS;
  };
  const breakIt = () => {
    box.run = broken;
    renew();
  };
  return { source: box.source(), renew, breakIt, clear: () => box.clear() };
});

let box: Box;
beforeEach(() => {
  box = new Box();
});
afterEach(() => box.clear());

describe('one that was made while the clock was far ahead', () => {
  const setBack = (ms: number) => {
    box.nowMs -= ms;
  };

  test('is made anew at the next start, and while the box runs', async () => {
    const source = box.source();
    const ahead = await source.load();
    setBack(40 * DAY_MS);
    expect((await source.newer(ahead))?.validFromMs).toBe(box.nowMs);
    setBack(40 * DAY_MS);
    expect((await box.source().load()).validFromMs).toBe(box.nowMs);
    expect(box.made).toBe(3);
  });

  test('stays while the clock is not to be trusted: a box without one starts in the past', async () => {
    const first = await box.source().load();
    box.isSynced = false;
    setBack(4000 * DAY_MS);
    expect(await box.source().load()).toEqual(first);
    expect(await box.source().newer(first)).toBeNull();
  });

  test('stays where it is an hour or less', async () => {
    const first = await box.source().load();
    setBack(3_600_000);
    expect(await box.source().load()).toEqual(first);
    setBack(1000);
    expect(await box.source().load()).not.toEqual(first);
  });
});

describe('the file', () => {
  test('is for its owner only, and whole', async () => {
    const before = process.umask(0);
    await box
      .source()
      .load()
      .finally(() => process.umask(before));
    expect(statSync(box.path).mode & 0o777).toBe(0o600);
    expect(existsSync(`${box.path}.part`)).toBe(false);
    expect(box.said).toEqual([]);
  });

  test('stays over a restart, also when addresses change', async () => {
    const first = await box.source().load();
    box.names = ['opal', '10.0.0.1'];
    box.nowMs += 794 * DAY_MS;
    expect(await box.source().load()).toEqual(first);
    expect(box.made).toBe(1);
  });

  test('that others could read is theirs no more', async () => {
    await box.source().load();
    writeFileSync(`${box.path}.x`, readFileSync(box.path), { mode: 0o644 });
    rmSync(box.path);
    writeFileSync(box.path, readFileSync(`${box.path}.x`), { mode: 0o644 });
    await box.source().load();
    expect([statSync(box.path).mode & 0o777, box.made]).toEqual([0o600, 1]);
  });

  test('is made over what a cut left behind', async () => {
    writeFileSync(`${box.path}.part`, 'half', { mode: 0o644 });
    await box.source().load();
    expect([statSync(box.path).mode & 0o777, existsSync(`${box.path}.part`)]).toEqual([0o600, false]);
  });

  test.each<[what: string, damage: (path: string) => void]>([
    ['empty', (path) => writeFileSync(path, '')],
    ['cut', (path) => writeFileSync(path, readFileSync(path, 'utf8').slice(0, 400))],
    [
      'without its key',
      (path) => writeFileSync(path, readFileSync(path, 'utf8').replace(/^.*KEY-----\n/s, '')),
    ],
    [
      'with another key',
      (path) => writeFileSync(path, makeCertificate(0).key + makeCertificate(START_MS * 2).cert),
    ],
    ['longer than any', (path) => writeFileSync(path, `${readFileSync(path, 'utf8')}${'\n'.repeat(65_536)}`)],
    [
      'a link to somewhere',
      (path) => {
        writeFileSync(`${path}.else`, readFileSync(path));
        rmSync(path);
        symlinkSync(`${path}.else`, path);
      },
    ],
  ])('that is %s is made anew, and said', async (_what, damage) => {
    const first = await box.source().load();
    damage(box.path);
    const second = await box.source().load();
    expect(second.fingerprint).not.toBe(first.fingerprint);
    expect(box.said).toEqual([expect.stringMatching(/is damaged|cannot be read/)]);
    expect(await box.source().load()).toEqual(second);
  });

  test('that cannot be written is no reason to stay closed', async () => {
    mkdirSync(`${box.path}.part`);
    writeFileSync(join(`${box.path}.part`, 'x'), '');
    expect((await box.source().load()).fingerprint).toMatch(/:/);
    expect(box.said).toEqual([expect.stringContaining('is not kept')]);
  });
});

describe('made anew', () => {
  test.each([
    ['30 days before its end, not earlier', 795 * DAY_MS, 1],
    ['when these have begun', 795 * DAY_MS + 1, 2],
    ['after its end', 900 * DAY_MS, 2],
  ])('%s', async (_when, passedMs, made) => {
    const source = box.source();
    const first = await source.load();
    box.nowMs += passedMs;
    expect((await source.newer(first)) === null).toBe(made === 1);
    await box.source().load();
    expect(box.made).toBe(made);
  });

  test('when the box has another name', async () => {
    await box.source().load();
    box.names = ['ruby', 'opal'];
    await box.source().load();
    expect([box.made, box.said]).toEqual([2, []]);
  });

  test('not when the clock is behind its beginning: it is the clock that is wrong', async () => {
    await box.source().load();
    box.nowMs = 0;
    box.isSynced = false;
    await box.source().load();
    expect(box.made).toBe(1);
  });

  test('not without openssl: the one that ends goes on, and that is said', async () => {
    const first = await box.source().load();
    box.nowMs += 900 * DAY_MS;
    box.run = broken;
    expect(await box.source().load()).toEqual(first);
    expect(box.said).toEqual(['no certificate can be made: openssl is not there']);
  });
});

describe('refused with 78 and what to do:', () => {
  test.each<[what: string, run: RunOpenssl, code: string, says: RegExp, hint: RegExp]>([
    ['no openssl', broken, 'no-openssl', /not there/, /apt install openssl/],
    [
      'one that fails',
      async () => Promise.reject(new Error('Command failed\nError: no randomness\n')),
      'openssl-failed',
      /: Error: no randomness$/,
      /openssl version/,
    ],
    [
      'one that hangs',
      async () => Promise.reject(Object.assign(new Error('x'), { killed: true })),
      'openssl-failed',
      /too long/,
      /openssl version/,
    ],
    [
      'one that answers something else',
      async () => 'OpenSSL 4',
      'openssl-failed',
      /is none/,
      /openssl version/,
    ],
  ])('%s', async (_what, run, code, says, hint) => {
    box.run = run;
    await expect(box.source().load()).rejects.toMatchObject({
      code,
      exitCode: 78,
      message: expect.stringMatching(says),
      hint: expect.stringMatching(hint),
    });
    expect(existsSync(box.path)).toBe(false);
  });
});

/** A program called openssl, of the test. */
function fakeOpenssl(script: string): string {
  const folder = join(box.stateDir, 'bin');
  mkdirSync(folder);
  writeFileSync(join(folder, 'openssl'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return `${folder}:/usr/bin:/bin`;
}

describe('the process', () => {
  test('gets what it is told on its input, and no word of this environment', async () => {
    const path = fakeOpenssl('echo "$@"; cat; env | cut -d= -f1 | sort');
    const text = await runOpenssl(path)(['req', '; reboot'], 'config\n');
    expect(text.split('\n')).toEqual(['req ; reboot', 'config', 'LC_ALL', 'PATH', 'PWD', '']);
  });

  test('that hangs is killed', async () => {
    const path = fakeOpenssl('trap "" TERM; exec sleep 60');
    await expect(runOpenssl(path, 50)([], '')).rejects.toMatchObject({ killed: true, signal: 'SIGKILL' });
  });

  test('that never ends to talk is killed', async () => {
    const path = fakeOpenssl('exec yes');
    await expect(runOpenssl(path)([], '')).rejects.toMatchObject({
      code: 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER',
    });
  });

  test('that reads nothing is no error of ours', async () => {
    const path = fakeOpenssl('echo done');
    expect(await runOpenssl(path)([], 'x'.repeat(1e6))).toBe('done\n');
  });
});

describe.skipIf(!hasOpenssl)('by the openssl of this machine', () => {
  const load = () => {
    box.run = runOpenssl();
    // openssl goes by the clock of this machine.
    box.isSynced = false;
    return box.source().load();
  };

  test('it is what browsers and phones take', async () => {
    const made = await load();
    const read = new X509Certificate(made.cert);
    expect(read.subjectAltName?.split(', ')).toEqual([
      ...NAMES.slice(0, 4).map((name) => `DNS:${name}`),
      'IP Address:192.168.1.7',
      'IP Address:2001:DB8:0:0:0:0:0:7',
    ]);
    expect(read.subject).toBe('CN=opal');
    expect(read.ca).toBe(false);
    expect(read.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(read.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
    const days = (Date.parse(read.validTo) - Date.parse(read.validFrom)) / DAY_MS;
    expect(days).toBe(825);
    expect(readFileSync(box.path, 'utf8')).toBe(made.key + made.cert);
  });

  test('names that mean something to openssl are left out, long ones are cut', async () => {
    const long = `${'a'.repeat(63)}.local`;
    box.names = [long, 'evil$ENV::PATH', 'x\n[other]', 'email:a@b', 'a,DNS:b', 'opal', 'opal'];
    const read = new X509Certificate((await load()).cert);
    expect(read.subjectAltName).toBe(`DNS:${long}, DNS:opal`);
    expect(read.subject).toBe(`CN=${long.slice(0, 64)}`);
  });

  test('without any name it is for this machine', async () => {
    box.names = [];
    const read = new X509Certificate((await load()).cert);
    expect([read.subjectAltName, read.subject]).toEqual(['DNS:localhost', 'CN=imagetank']);
    expect(await box.source().load()).toMatchObject({ cert: read.toString() });
  });
});
