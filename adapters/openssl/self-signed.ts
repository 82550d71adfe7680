import { constants } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, UserError } from '../../services/errors.ts';
import type { Certificate, CertificateSource } from '../../services/network/ports.ts';
import { isFor, readCertificate } from './certificate.ts';
import { makeSelfSigned, type RunOpenssl, runOpenssl } from './make.ts';

/** Key and certificate in one file: it is there as a whole or not at all, whenever power is cut. */
const FILE = 'tls.pem';
const MODE = 0o600;
/** The key comes before it. */
const CERTIFICATE = '-----BEGIN CERTIFICATE-----';
const MAX_BYTES = 64 * 1024;
/** Nobody is at home to renew it on the last day. */
const RENEW_BEFORE_MS = 30 * 86_400_000;
/** What begins sooner may wait: clocks are set by some seconds, and a new one has a new fingerprint. */
const MAX_AHEAD_MS = 3_600_000;

export interface SelfSignedParts {
  readonly stateDir: string;
  /** Names and addresses of the box at this moment; the first is its name. */
  readonly names: () => readonly string[];
  /** Wall time, in ms since 1970. */
  readonly nowMs: () => number;
  /** Whether that can be trusted: a box without a clock of its own starts in the past. */
  readonly isSynced: () => boolean;
  readonly warn: (text: string) => void;
  readonly run?: RunOpenssl;
}

/**
 * A certificate that the box made itself. It stays when an address changes: a person has compared its fingerprint, and a
 * browser's exception is for this very certificate. It is made anew when it ends soon, does not name the box, is damaged, or
 * was made while the clock was far ahead.
 */
export function selfSigned(parts: SelfSignedParts): CertificateSource {
  const { nowMs, warn } = parts;
  const path = join(parts.stateDir, FILE);
  const run = parts.run ?? runOpenssl();
  const endsSoon = ({ validToMs }: Certificate) => validToMs - nowMs() < RENEW_BEFORE_MS;
  const isAhead = ({ validFromMs }: Certificate) => parts.isSynced() && validFromMs - nowMs() > MAX_AHEAD_MS;
  const isUntimely = (certificate: Certificate) => endsSoon(certificate) || isAhead(certificate);
  const make = async () => {
    const made = both(await makeSelfSigned(run, parts.names()));
    if (made === null) throw unusable();
    // A full disk must not close the box: this one is used, and the next start makes another one.
    await keep(path, `${made.key}${made.cert}`).catch((error: unknown) =>
      warn(`the certificate is not kept, ${path}: ${messageOf(error)}`),
    );
    return made;
  };
  return {
    async load() {
      const kept = await read(path, warn);
      const [name = 'localhost'] = parts.names();
      if (kept === null || !isFor(kept, name)) return make();
      if (!isUntimely(kept)) return kept;
      // Better one that ends soon, has ended or begins later, than none: people compare the fingerprint anyway.
      return make().catch((error: unknown) => {
        warn(messageOf(error));
        return kept;
      });
    },
    newer: async (than) => (isUntimely(than) ? make() : null),
  };
}

/** Null when nothing usable is there. */
async function read(path: string, warn: (text: string) => void): Promise<Certificate | null> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const { size, mode } = await file.stat();
      // What others could read, they may have read; from now on they cannot.
      if ((mode & 0o777) !== MODE) await file.chmod(MODE);
      const kept = size > MAX_BYTES ? null : both(await file.readFile('utf8'));
      if (kept === null) warn(`the certificate is damaged and made anew, ${path}`);
      return kept;
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      warn(`the certificate cannot be read and is made anew, ${path}: ${messageOf(error)}`);
    }
    return null;
  }
}

/** Of a file that holds both. */
function both(text: string): Certificate | null {
  const at = text.indexOf(CERTIFICATE);
  const read = at < 0 ? { flaw: 'no-certificate' } : readCertificate(text.slice(at), text.slice(0, at));
  return 'flaw' in read ? null : read;
}

/** Durable before it is served: a fingerprint that a person compared must be there after a power cut. */
async function keep(path: string, text: string): Promise<void> {
  const part = `${path}.part`;
  await rm(part, { force: true });
  const file = await open(part, 'wx', MODE);
  try {
    await file.chmod(MODE);
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(part, path);
  const folder = await open(join(path, '..'), constants.O_RDONLY | constants.O_DIRECTORY);
  await folder.sync().finally(() => folder.close());
}

const unusable = () =>
  new UserError(
    'openssl-failed',
    78,
    'no certificate can be made: what openssl answers is none',
    'see what openssl version says, or set tls = "off"',
  );
