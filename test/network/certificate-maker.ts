import { generateKeyPairSync, sign } from 'node:crypto';

/** DER (X.690): a tag, a length, what is in it. */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const { length } = body;
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...head]), body]);
}
const sequence = (...parts: readonly Uint8Array[]) => der(0x30, ...parts);
const hex = (text: string) => Buffer.from(text, 'hex');
/** ecdsa-with-SHA256, commonName, subjectAltName. */
const ALGORITHM = sequence(hex('06082a8648ce3d040302'));
const COMMON_NAME = hex('0603550403');
const ALTERNATIVES = hex('0603551d11');
const name = (text: string) => sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from(text)))));
const time = (ms: number) =>
  der(0x18, Buffer.from(`${new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, '')}`));

export interface Made {
  readonly cert: string;
  readonly key: string;
}

let serial = 1;

/** A certificate that signed itself (RFC 5280), of any time, without openssl. Each has a key of its own. */
export function makeCertificate(
  validToMs: number,
  hosts: readonly string[] = ['opal'],
  validFromMs = 0,
): Made {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const names = hosts.map((host) => der(0x82, Buffer.from(host)));
  const extensions = sequence(sequence(ALTERNATIVES, der(0x04, sequence(...names))));
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([serial++ & 127])),
    ALGORITHM,
    name('imagetank test'),
    sequence(time(validFromMs), time(validToMs)),
    name('imagetank test'),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, extensions),
  );
  const signature = der(0x03, Buffer.from([0]), sign('sha256', body, privateKey));
  const base64 = sequence(body, ALGORITHM, signature).toString('base64').replace(/.{64}/g, '$&\n');
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  };
}
