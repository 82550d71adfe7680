import { createPrivateKey, KeyObject, X509Certificate } from 'node:crypto';
import type { Certificate } from '../../services/network/ports.ts';

export type Flaw = 'no-certificate' | 'no-key' | 'encrypted-key' | 'mismatch';

/** The certificate (the first, where a chain follows) and the key that belongs to it, both PEM. */
export function readCertificate(cert: string, key: string): Certificate | { readonly flaw: Flaw } {
  const parsed = certificateIn(cert);
  if (parsed === null) return { flaw: 'no-certificate' };
  const privateKey = keyIn(key);
  if (!(privateKey instanceof KeyObject)) return { flaw: privateKey };
  if (!parsed.checkPrivateKey(privateKey)) return { flaw: 'mismatch' };
  const [validFromMs, validToMs] = [Date.parse(parsed.validFrom), Date.parse(parsed.validTo)];
  return { cert, key, fingerprint: parsed.fingerprint256, validFromMs, validToMs };
}

/** Whether it names this host in its subject alternative names. */
export const isFor = ({ cert }: Certificate, host: string): boolean =>
  certificateIn(cert)?.checkHost(host, { subject: 'never' }) !== undefined;

function certificateIn(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch {
    return null;
  }
}

function keyIn(pem: string): KeyObject | Flaw {
  try {
    return createPrivateKey(pem);
  } catch {
    // What OpenSSL says of it differs from version to version; the text does not (RFC 7468; RFC 1421 for the older form).
    return /^(-----BEGIN ENCRYPTED |Proc-Type: 4,ENCRYPTED)/m.test(pem) ? 'encrypted-key' : 'no-key';
  }
}
