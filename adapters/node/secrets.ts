import { randomBytes, randomInt } from 'node:crypto';
import type { Secrets } from '../../services/access/ports.ts';

export const randomSecrets: Secrets = {
  token: () => randomBytes(32).toString('base64url'),
  code: () => String(randomInt(1_000_000)).padStart(6, '0'),
};
