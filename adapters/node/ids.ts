import { randomUUID } from 'node:crypto';
import type { Ids } from '../../services/ports.ts';

export const randomIds: Ids = { uuid: () => randomUUID() };
