import type { BackupStatus } from '../../../services/shapes.ts';
import { cardName } from '../card-name.ts';
import { durationText, percentOf, percentText, rateText } from '../format.ts';
import { language, t } from '../i18n.ts';
import { live, status } from '../live/live.ts';
import { phaseText } from './phase.ts';

/** Backups that run or wait. Nothing is shown of a box that is not heard: a bar that stands still would look like a hang. */
export function Running() {
  const running = live.value ? (status.value?.backups ?? []).filter(({ outcome }) => outcome === null) : [];
  if (running.length === 0) return null;
  return (
    <section class="stack tight" aria-labelledby="running">
      <h2 id="running">{t('running')}</h2>
      {running.map((backup) => (
        <Progress key={backup.id} {...backup} />
      ))}
    </section>
  );
}

function Progress(backup: BackupStatus) {
  const spoken = language.value;
  const card = cardName(backup.card, spoken);
  const percent = percentOf(backup.bytesDone, backup.bytesTotal);
  const { rateBytesPerSecond: rate, secondsLeft, filesDone, filesTotal } = backup;
  const details = [
    filesTotal === 0 ? null : t('filesOf', { done: filesDone, total: filesTotal }),
    rate === null ? null : rateText(rate, spoken),
    secondsLeft === null ? null : t('timeLeft', { time: durationText(secondsLeft, spoken) }),
  ].filter((part) => part !== null);
  return (
    <article class="sheet stack tight">
      <div class="row spread">
        <h3>{card}</h3>
        <span class="number percent">{percentText(percent, spoken)}</span>
      </div>
      <Bar percent={percent} label={t('progressOf', { card })} />
      <p>{phaseText(backup, spoken)}</p>
      {details.length === 0 ? null : <p class="muted small number">{details.join(' · ')}</p>}
    </article>
  );
}

export function Bar({ percent, label }: { readonly percent: number; readonly label: string }) {
  return (
    <div
      class="bar"
      role="progressbar"
      aria-label={label}
      aria-valuenow={percent}
      aria-valuemin={0}
      aria-valuemax={100}
    >
      <span style={{ width: `${percent}%` }} />
    </div>
  );
}
