import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { memoryPlan } from '../../adapters/memory/memory-plan.ts';
import { openSqlitePlan } from '../../adapters/sqlite/sqlite-plan.ts';
import { planStoreContract } from './plan-store.contract.ts';

const folder = mkdtempSync(join(tmpdir(), 'imagetank-plan-'));
afterAll(() => rmSync(folder, { recursive: true }));

planStoreContract('in memory', memoryPlan);
planStoreContract('in SQLite', () => openSqlitePlan(folder));
