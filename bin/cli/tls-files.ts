import { createSystemClock } from '../../adapters/node/system-clock.ts';
import { given } from '../../adapters/openssl/given.ts';
import type { ConfigProblem, LoadedConfig } from '../../services/config/layers.ts';
import { isUserError } from '../../services/errors.ts';

/**
 * What the daemon would find wrong with the files of `tls`; null when nothing is, when none are named, or when they are not
 * for whoever asks: a key is for the service alone.
 */
export async function tlsProblem({ config, sources }: LoadedConfig): Promise<ConfigProblem | null> {
  const { port, tls } = config;
  if (port === null || typeof tls === 'string') return null;
  const nowMs = () => Date.parse(createSystemClock().stamp().at);
  try {
    await given({ ...tls, nowMs, warn: () => undefined, takesExpired: false }).load();
    return null;
  } catch (error) {
    if (!isUserError(error)) throw error;
    const isForOthers = (error.cause as NodeJS.ErrnoException | undefined)?.code === 'EACCES';
    return isForOthers ? null : { what: error.message, where: sources.tls, hint: error.hint };
  }
}
