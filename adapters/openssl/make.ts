import { execFile } from 'node:child_process';
import { isIP } from 'node:net';
import { UserError } from '../../services/errors.ts';

/** A Pi Zero takes half a second; one that waits for random numbers at its first boot some more. */
const DEADLINE_MS = 30_000;
/** A key and a certificate are 1 KB. */
const OUTPUT_BYTES = 64 * 1024;
/**
 * Apple's systems refuse a TLS certificate that is valid for longer, whoever signed it (support.apple.com/en-us/103769;
 * the 398 days of other rules are for authorities that come with a browser).
 */
const VALID_DAYS = 825;
const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
/** What may stand in a configuration of openssl without meaning anything there. */
const HOST_NAME = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i;
/** `ub-common-name` of RFC 5280, appendix A.1. */
const MAX_COMMON_NAME = 64;

/** Runs openssl with these arguments and this input; rejects with what `execFile` says. */
export type RunOpenssl = (args: readonly string[], input: string) => Promise<string>;

export function runOpenssl(path = PATH, deadlineMs = DEADLINE_MS): RunOpenssl {
  return (args, input) =>
    new Promise((resolve, reject) => {
      const options = {
        env: { PATH: path, LC_ALL: 'C.UTF-8' },
        timeout: deadlineMs,
        // It writes nothing: nothing is lost by killing it at once.
        killSignal: 'SIGKILL' as const,
        maxBuffer: OUTPUT_BYTES,
      };
      const child = execFile('openssl', [...args], options, (error, stdout) =>
        error === null ? resolve(stdout) : reject(error),
      );
      // One that ends before it has read everything says so by its exit code.
      child.stdin?.on('error', () => undefined).end(input);
    });
}

/**
 * A key (ECDSA, P-256: what every browser takes) and a certificate that it signed itself, PEM, one after the other; the key
 * never touches a disk here. Names that are none are left out. Throws `UserError` 78.
 */
export async function makeSelfSigned(run: RunOpenssl, names: readonly string[]): Promise<string> {
  try {
    return await run(
      [
        ...['req', '-x509', '-batch', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
        ...['-nodes', '-sha256', '-days', String(VALID_DAYS)],
        ...['-config', '-', '-keyout', '-', '-out', '-'],
      ],
      configurationFor(names),
    );
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ENOENT' ? missing(error) : failed(error);
  }
}

/**
 * No authority (`CA:FALSE`): a phone that was told to trust this box would otherwise trust it for every other site.
 */
function configurationFor(names: readonly string[]): string {
  const alternatives = [...new Set(names)].flatMap((name) => {
    if (isIP(name) !== 0) return [`IP:${name}`];
    return HOST_NAME.test(name) ? [`DNS:${name}`] : [];
  });
  const [host = 'imagetank'] = names.filter((name) => isIP(name) === 0 && HOST_NAME.test(name));
  return [
    '[req]',
    'prompt = no',
    'distinguished_name = name',
    'x509_extensions = extensions',
    '[name]',
    `CN = ${host.slice(0, MAX_COMMON_NAME)}`,
    '[extensions]',
    'basicConstraints = critical, CA:FALSE',
    'keyUsage = critical, digitalSignature',
    'extendedKeyUsage = serverAuth',
    `subjectAltName = ${alternatives.length === 0 ? 'DNS:localhost' : alternatives.join(', ')}`,
    '',
  ].join('\n');
}

const missing = (cause: unknown) =>
  new UserError(
    'no-openssl',
    78,
    'no certificate can be made: openssl is not there',
    'sudo apt install openssl, or set tls = "off"',
    cause,
  );

function failed(error: unknown): UserError {
  const { killed, message } = error as { killed?: boolean; message: string };
  const why = killed === true ? 'it took too long' : (message.trim().split('\n').at(-1) ?? '');
  return new UserError(
    'openssl-failed',
    78,
    `no certificate can be made, openssl: ${why}`,
    'see what openssl version says, or set tls = "off"',
    error,
  );
}
