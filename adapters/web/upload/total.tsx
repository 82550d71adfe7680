import { percentOf } from '../format.ts';
import { language, t } from '../i18n.ts';
import { status } from '../live/live.ts';
import { secondsLeft } from './limits.ts';
import { clear, pace, pauseAll, resumeAll, total } from './uploads.ts';
import { paceText, refusedText, slowText, totalText } from './words.ts';

/** How far all of it is, and what "uploaded" means. */
export function Total() {
  const now = total.value;
  if (now.mood === 'empty') return null;
  const { bytes, sentBytes, mood, uploaded } = now;
  const percent = percentOf(sentBytes, bytes);
  const refused = refusedText(now, language.value);
  const slow = slowText(now, status.value?.backups ?? [], language.value);
  const left = mood === 'sending' ? secondsLeft(bytes - sentBytes, pace.value) : null;
  return (
    <section class={`sheet stack total ${mood}`} aria-labelledby="upload-total">
      <div class="stack tight">
        <h2 id="upload-total" aria-live="polite">
          {totalText(now, language.value)}
        </h2>
        {refused === '' ? null : <p role="status">{refused}</p>}
        {slow === '' ? null : <p role="status">{slow}</p>}
        {bytes === 0 ? null : (
          <>
            <div
              class="bar"
              role="progressbar"
              aria-label={t('uploadTotal')}
              aria-valuenow={percent}
              aria-valuemin={0}
              aria-valuemax={100}
            >
              <span style={{ width: `${percent}%` }} />
            </div>
            <p class="muted number small">{paceText(now, left, language.value)}</p>
          </>
        )}
      </div>
      {mood === 'over' && uploaded > 0 ? (
        <div class="stack tight">
          <p>{t('uploadOverMeans')}</p>
          <p>
            <a href="#/">{t('uploadSeeNow')}</a>
          </p>
        </div>
      ) : null}
      <div class="row">
        {mood === 'sending' || mood === 'reconnecting' || mood === 'full' ? (
          <button type="button" class="button" onClick={pauseAll}>
            {t('uploadPause')}
          </button>
        ) : null}
        {mood === 'paused' ? (
          <button type="button" class="button primary" onClick={resumeAll}>
            {t('uploadResume')}
          </button>
        ) : null}
        {mood === 'over' ? (
          <button type="button" class="button" onClick={clear}>
            {t('uploadClear')}
          </button>
        ) : null}
      </div>
    </section>
  );
}
