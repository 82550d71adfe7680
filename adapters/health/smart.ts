import * as z from 'zod';
import type { DiskVerdict } from '../../services/health/ports.ts';

/** Raw counts above zero of these ATA attributes mean sectors that could not be read: 197 pending, 198 uncorrectable. */
const BAD_SECTORS: ReadonlySet<number> = new Set([197, 198]);
/** Per cent of the life that the maker reckons with. */
const WORN_OUT = 100;

const Attribute = z.object({ id: z.number(), raw: z.object({ value: z.number() }) });
const Output = z.object({
  smart_status: z.object({ passed: z.boolean() }).optional(),
  ata_smart_attributes: z.object({ table: z.array(Attribute) }).optional(),
  nvme_smart_health_information_log: z.object({ percentage_used: z.number().optional() }).optional(),
});

/** `-n standby`: a sleeping disk is not woken, smartctl then ends with 2 and no verdict. */
export const smartctlArguments = (node: string): readonly string[] => [
  '--json=c',
  '--nocheck=standby',
  '--health',
  '--attributes',
  '--',
  node,
];

export interface SmartVerdict {
  readonly verdict: DiskVerdict;
  readonly detail: string;
}

/** Verdict in what smartctl prints; null when it has none: asleep, no SMART, not permitted, unknown bridge. */
export function parseSmart(output: string): SmartVerdict | null {
  const parsed = parse(output);
  if (parsed?.smart_status === undefined) return null;
  if (!parsed.smart_status.passed) return { verdict: 'failing', detail: '' };
  const table = parsed.ata_smart_attributes?.table ?? [];
  const sectors = table.filter(({ id }) => BAD_SECTORS.has(id)).map(({ raw }) => raw.value);
  const worst = Math.max(0, ...sectors);
  if (worst > 0) return { verdict: 'worn', detail: `${worst} sectors cannot be read` };
  const used = parsed.nvme_smart_health_information_log?.percentage_used ?? 0;
  if (used >= WORN_OUT) return { verdict: 'worn', detail: `${used} % of its life is used up` };
  return { verdict: 'passed', detail: '' };
}

function parse(output: string): z.infer<typeof Output> | null {
  try {
    return Output.parse(JSON.parse(output));
  } catch {
    return null;
  }
}
