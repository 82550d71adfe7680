import type { HealthCheck, HealthLevel } from '../../machines/facts.ts';
import type { Status } from '../shapes.ts';
import type { Standing } from './monitor.ts';

type Health = NonNullable<Status['health']>;
type Measured = Health['temperature'];

const UNKNOWN: Measured = { level: null, reading: null, since: null };

/** What `status` shows of the machine; what was never measured is null. */
export function healthShape(
  standings: readonly Standing[],
): Omit<Health, 'rssBytes' | 'uptimeSeconds' | 'version'> {
  const of = (check: HealthCheck): Measured => {
    const found = standings.find((standing) => standing.check === check);
    return found === undefined ? UNKNOWN : measured(found);
  };
  return {
    temperature: of('temperature'),
    power: of('power'),
    throttling: of('throttling'),
    memory: of('memory'),
    stateDisk: of('state-disk'),
    disks: standings.flatMap((standing) =>
      standing.check === 'disk' ? { subject: standing.subject ?? '', ...measured(standing) } : [],
    ),
  };
}

const measured = ({
  level,
  reading,
  since,
}: Standing): { level: HealthLevel; reading: string; since: string } => ({
  level,
  reading,
  since,
});
