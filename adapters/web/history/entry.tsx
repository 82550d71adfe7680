import type { HistoryLine } from '../../../services/shapes.ts';
import { cardName } from '../card-name.ts';
import { countText, durationText, sizeText, timeText } from '../format.ts';
import { language, t } from '../i18n.ts';
import { Said } from '../said.tsx';
import { drivesText, reasonText, secondsBetween, shareText } from './words.ts';

export function Entry({ line }: { readonly line: HistoryLine }) {
  const spoken = language.value;
  const { card, startedAt, finishedAt, outcome, reason, files, bytes, notes } = line;
  const seconds = secondsBetween(startedAt, finishedAt);
  const at = { language: spoken };
  return (
    <li class={`sheet entry ${outcome ?? 'running'}`}>
      <div class="row spread">
        <h2>{cardName(card, spoken)}</h2>
        <span class={`mark ${outcome ?? 'running'}`}>{t(`outcome.${outcome ?? 'running'}`)}</span>
      </div>
      {reason === null ? null : <p>{reasonText(reason, spoken)}</p>}
      <p class="small muted">
        <time dateTime={startedAt}>{timeText(startedAt, at)}</time>
        {finishedAt === null ? null : (
          <>
            {' – '}
            <time dateTime={finishedAt}>{timeText(finishedAt, at)}</time>
          </>
        )}
        {seconds === null ? '' : ` · ${t('history.took', { time: durationText(seconds, spoken) })}`}
      </p>
      <p class="number">
        {t('history.files', { files, size: sizeText(bytes, spoken) })}
        {drivesText(line.drives, spoken)}
      </p>
      <Shares line={line} />
      <Counts line={line} />
      {line.drives.some(({ verifiedFrom }) => verifiedFrom === 'cache') ? (
        <p class="small">{t('history.cache')}</p>
      ) : null}
      {notes.length === 0 ? null : (
        <details>
          <summary>{t('history.notes')}</summary>
          <ul class="small">
            {notes.map((note) => (
              <li key={note}>
                <Said text={note} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </li>
  );
}

/** Each drive, where they did not all end as the backup did. */
function Shares({ line: { drives, outcome } }: { readonly line: HistoryLine }) {
  if (drives.every((drive) => drive.outcome === outcome)) return null;
  return (
    <ul class="plain small">
      {drives.map((drive) => (
        <li key={drive.id}>{shareText(drive, language.value)}</li>
      ))}
    </ul>
  );
}

function Counts({ line }: { readonly line: HistoryLine }) {
  return (
    <dl class="counts">
      {(['copied', 'duplicates', 'failed'] as const).map((count) => (
        <div key={count} class={count === 'failed' && line.failed > 0 ? 'bad' : undefined}>
          <dt>{t(`history.${count}`)}</dt>
          <dd class="number">{countText(line[count], language.value)}</dd>
        </div>
      ))}
    </dl>
  );
}
