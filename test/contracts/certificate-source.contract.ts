import { createPrivateKey, X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Certificate, CertificateSource } from '../../services/network/ports.ts';

export interface CertificateSourceSubject {
  readonly source: CertificateSource;
  /** From now on another certificate should be served. */
  readonly renew: () => void;
  /** From now on another one should be served, and there is none. */
  readonly breakIt: () => void;
  readonly clear: () => void;
}

/** What it gives when it is asked as often as the watch does it within three minutes. */
async function soon(source: CertificateSource, than: Certificate): Promise<Certificate | null> {
  for (let minute = 0; minute < 3; minute++) {
    const newer = await source.newer(than);
    if (newer !== null) return newer;
  }
  return null;
}

/** What all `CertificateSource` must do. */
export function certificateSourceContract(name: string, open: () => CertificateSourceSubject): void {
  describe(`CertificateSource: ${name}`, () => {
    let subject: CertificateSourceSubject;
    beforeEach(() => {
      subject = open();
    });
    afterEach(() => subject.clear());

    it('gives a certificate with its key, its fingerprint and its end', async () => {
      const { cert, key, fingerprint, validFromMs, validToMs } = await subject.source.load();
      const read = new X509Certificate(cert);
      expect(read.checkPrivateKey(createPrivateKey(key))).toBe(true);
      expect(fingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
      expect(fingerprint).toBe(read.fingerprint256);
      expect(validFromMs).toBe(Date.parse(read.validFrom));
      expect(validToMs).toBe(Date.parse(read.validTo));
    });

    it('gives the same again', async () => {
      const first = await subject.source.load();
      expect(await subject.source.load()).toEqual(first);
      expect(await soon(subject.source, first)).toBeNull();
    });

    it('gives a newer one when there should be, once', async () => {
      const first = await subject.source.load();
      subject.renew();
      const newer = await soon(subject.source, first);
      if (newer === null) throw new Error('nothing newer');
      expect(newer.fingerprint).not.toBe(first.fingerprint);
      expect(await soon(subject.source, newer)).toBeNull();
      expect(await subject.source.load()).toEqual(newer);
    });

    it('says what is wrong when there should be another one and there is none: 78 with a hint', async () => {
      const first = await subject.source.load();
      subject.breakIt();
      const wrong = await soon(subject.source, first).catch((error: unknown) => error);
      expect(wrong).toMatchObject({ exitCode: 78, hint: expect.stringMatching(/./) });
    });
  });
}
