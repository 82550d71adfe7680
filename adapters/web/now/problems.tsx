import type { Problem } from '../../../services/shapes.ts';
import { isOwner } from '../access.ts';
import { ask } from '../api.ts';
import { timeText } from '../format.ts';
import { Icon } from '../frame/icons.tsx';
import { attempt, say } from '../frame/notice.tsx';
import { language, t } from '../i18n.ts';
import { live, status } from '../live/live.ts';
import { Said } from '../said.tsx';
import { problemWords } from './problem.ts';

export function Problems() {
  const problems = status.value?.problems ?? [];
  const latched = problems.some(({ blinks }) => blinks > 0);
  return (
    <div role="status" aria-live="polite">
      {problems.length === 0 ? null : (
        <section class="stack tight" aria-labelledby="problems">
          <h2 id="problems">{t('problems')}</h2>
          <ul class="plain stack tight">
            {problems.map((problem) => (
              <ProblemItem key={`${problem.code} ${problem.message}`} {...problem} />
            ))}
          </ul>
          {latched && isOwner.value && live.value ? (
            <button type="button" class="button" onClick={acknowledge}>
              {t('acknowledge')}
            </button>
          ) : null}
        </section>
      )}
    </div>
  );
}

const acknowledge = () => attempt(() => ask('/ack', { method: 'POST' }).then(() => say(t('acknowledged'))));

function ProblemItem({ code, message, blinks, since }: Problem) {
  const { title, todo, about } = problemWords({ code, message });
  const time = since === '' ? '' : timeText(since, { language: language.value });
  return (
    <li class={blinks > 0 ? 'sheet problem bad' : 'sheet problem'}>
      <Icon name="warning" />
      <div>
        <h3>{title === null ? code : t(title)}</h3>
        {todo === null ? null : <p>{t(todo)}</p>}
        {about === '' ? null : (
          <p class="small">
            <Said text={about} />
          </p>
        )}
        <p class="small muted">
          {time === '' ? '' : t('since', { time })}
          {blinks > 0 ? ` · ${t('blinksRed', { count: blinks })}` : ''}
        </p>
      </div>
    </li>
  );
}
