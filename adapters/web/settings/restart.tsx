import { isOwner } from '../access.ts';
import { ask } from '../api.ts';
import { confirmed } from '../frame/confirm.tsx';
import { attempt } from '../frame/notice.tsx';
import { t } from '../i18n.ts';
import { farewell } from '../power/power.tsx';
import type { Settings } from './shape.ts';

/** Settings that are written down and not yet in force. */
export function Restart({ how }: { readonly how: Settings['restart'] }) {
  const byService = how === 'service';
  return (
    <div class="pending stack tight" role="status">
      <p>{t(byService ? 'set.pending' : 'set.pending.by-hand')}</p>
      {byService && isOwner.value ? (
        <button type="button" class="button" onClick={restart}>
          {t('set.restart')}
        </button>
      ) : null}
    </div>
  );
}

async function restart(): Promise<void> {
  const question = { title: t('restart.title'), text: t('restart.text'), action: t('set.restart') };
  if (!(await confirmed(question))) return;
  farewell.value = { action: 'restart', stage: 'asked' };
  const told = await attempt(() => ask('/restart', { method: 'POST', body: { confirm: true } }));
  if (!told) farewell.value = null;
}
