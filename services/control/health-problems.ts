import type { ApplianceContext } from '../../machines/appliance.context.ts';
import type { HealthCheck } from '../../machines/facts.ts';
import { ADVICE } from '../../machines/reasons.ts';
import type { StatusView } from '../projections/status.ts';
import type { Problem } from '../shapes.ts';

const AILMENT = {
  temperature:
    'The processor is hot: give the box air and shade; it copies more slowly until it has cooled down.',
  power: 'The power supply was too weak at times: use the one made for the Pi.',
  throttling: 'The processor is slowed down: copying takes longer. Heat or weak power is the cause.',
  memory: 'imagetank uses more memory than it should: please report it; a restart frees it.',
  'state-disk':
    'The disk that holds the journal is nearly full: free some space on it, or backups will stop.',
  disk: 'The disk reports that it wears out: have another drive ready, and keep two copies.',
} as const satisfies Record<HealthCheck, string>;

const FAILING = 'The disk reports that it is failing: copy what is on it elsewhere and use another drive.';

/** Nothing of this blinks; power that is too weak now does, as long as it is latched. */
export function healthProblems(context: ApplianceContext, view: StatusView): readonly Problem[] {
  const latched = context.errors.some((error) => error.reason === 'weak-power');
  const told = view.ailments.filter(({ check }) => check !== 'power' || !latched);
  return told.map(({ check, subject, level, reading, since }) => ({
    code: check === 'power' ? 'weak-power' : check,
    blinks: 0,
    message: `${subject ?? NAME_OF[check]}: ${reading}. ${ailmentAdvice(check, level)}`,
    since,
  }));
}

function ailmentAdvice(check: HealthCheck, level: 'warning' | 'bad'): string {
  if (level === 'warning') return AILMENT[check];
  if (check === 'power') return ADVICE['weak-power'];
  return check === 'disk' ? FAILING : AILMENT[check];
}

const NAME_OF = {
  temperature: 'Temperature',
  power: 'Power',
  throttling: 'Processor',
  memory: 'Memory',
  'state-disk': 'State disk',
  disk: 'Disk',
} as const satisfies Record<HealthCheck, string>;
