import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { messageOf, UserError } from '../../services/errors.ts';
import type { Certificate, CertificateSource } from '../../services/network/ports.ts';
import { type Flaw, readCertificate } from './certificate.ts';

/** A chain of five and its key are 10 KB. */
const MAX_BYTES = 256 * 1024;

export interface GivenParts {
  /** Absolute paths, PEM. */
  readonly cert: string;
  readonly key: string;
  /** Wall time, in ms since 1970. */
  readonly nowMs: () => number;
  readonly warn: (text: string) => void;
  /** True: one that has ended is served all the same, and said. */
  readonly takesExpired: boolean;
}

/** Files of the box's owner, of an authority or of another program that renews them. */
export function given(parts: GivenParts): CertificateSource {
  const { cert, key, nowMs, warn, takesExpired } = parts;
  /** How the files looked when they were looked at last, and when they were taken. */
  let [seen, taken] = ['', ''];
  const stamp = async () => `${await stampOf(cert)} ${await stampOf(key)}`;
  const take = async (now: string): Promise<Certificate> => {
    const certificate = readCertificate(await readText(cert), await readText(key));
    if ('flaw' in certificate) throw flawed(certificate.flaw, parts);
    [seen, taken] = [now, now];
    return certificate;
  };
  const hasEnded = ({ validToMs }: Certificate) => validToMs <= nowMs();
  return {
    async load() {
      const certificate = await take(await stamp());
      if (!hasEnded(certificate)) return certificate;
      if (!takesExpired) throw expired(certificate, cert);
      warn(expired(certificate, cert).message);
      return certificate;
    },
    async newer() {
      const now = await stamp();
      // Certificate and key are two files: one that has changed since the last look may not be the last to change.
      const isQuiet = now === seen;
      seen = now;
      if (now === taken || !isQuiet) return null;
      const before = taken;
      const certificate = await take(now);
      if (!hasEnded(certificate)) return certificate;
      taken = before;
      throw expired(certificate, cert);
    },
  };
}

async function stampOf(path: string): Promise<string> {
  const { dev, ino, size, mtimeMs } = await stat(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  return [dev, ino, size, mtimeMs].join('.');
}

async function readText(path: string): Promise<string> {
  try {
    // A pipe would be waited for.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const { size } = await file.stat();
      if (size > MAX_BYTES) throw new Error(`it is larger than ${MAX_BYTES} bytes`);
      return await file.readFile('latin1');
    } finally {
      await file.close();
    }
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): UserError {
  const denied = (error as NodeJS.ErrnoException).code === 'EACCES';
  return new UserError(
    'bad-certificate',
    78,
    `tls: a file cannot be read, ${path}: ${messageOf(error)}`,
    denied
      ? `let the user of imagetank read it: sudo setfacl -m u:imagetank:r ${path}`
      : 'correct the path in tls; the service sees no folders of people, such as /home',
    error,
  );
}

function flawed(flaw: Flaw, { cert, key }: GivenParts): UserError {
  const [where, what, hint] = (
    {
      'no-certificate': [cert, 'no certificate in it', 'tls.cert takes PEM, the chain after the certificate'],
      'no-key': [key, 'no private key in it', 'tls.key takes PEM'],
      'encrypted-key': [
        key,
        'the private key is encrypted',
        'nobody is there to type the word: openssl pkey -in OLD -out NEW',
      ],
      mismatch: [key, `it is not the key of ${cert}`, 'name the two files that belong together in tls'],
    } as const satisfies Record<Flaw, readonly [string, string, string]>
  )[flaw];
  return new UserError('bad-certificate', 78, `tls: ${what}, ${where}`, hint);
}

const expired = ({ validToMs }: Certificate, path: string) =>
  new UserError(
    'bad-certificate',
    78,
    `tls: the certificate ended on ${new Date(validToMs).toISOString().slice(0, 10)}, ${path}`,
    'renew it, or set tls = "self-signed"',
  );
