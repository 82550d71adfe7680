import { effect, signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { isOwner } from '../access.ts';
import { ask } from '../api.ts';
import { confirmed } from '../frame/confirm.tsx';
import { Icon } from '../frame/icons.tsx';
import { attempt } from '../frame/notice.tsx';
import { t } from '../i18n.ts';
import { light, live, status } from '../live/live.ts';
import { type Farewell, farewellAfter, leavingWords } from './farewell.ts';

export const farewell = signal<Farewell | null>(null);

effect(() => {
  farewell.value = farewellAfter(farewell.peek(), light.value?.signal ?? null, status.value?.ending ?? null);
});

export function PowerButton() {
  if (!isOwner.value) return null;
  return (
    <section class="row" aria-label={t('power')}>
      <button type="button" class="button row" disabled={!live.value} onClick={() => go('poweroff')}>
        <Icon name="power" /> {t('powerOff')}
      </button>
      <button type="button" class="button" disabled={!live.value} onClick={() => go('reboot')}>
        {t('restartBox')}
      </button>
    </section>
  );
}

async function go(action: 'poweroff' | 'reboot'): Promise<void> {
  const off = action === 'poweroff';
  const title = t(off ? 'power.title' : 'reboot.title');
  if (
    !(await confirmed({
      title,
      text: t('power.text'),
      action: t(off ? 'powerOff' : 'restartBox'),
      danger: true,
    }))
  )
    return;
  farewell.value = { action, stage: 'asked' };
  const told = await attempt(() => ask('/power', { method: 'POST', body: { action, confirm: true } }));
  if (!told) farewell.value = null;
}

/** Instead of everything else: whoever unplugs it now looks here first. */
export function Leaving(leaving: Farewell) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const { stage } = leaving;
  const words = leavingWords(leaving);
  return (
    <div class="whole" role="status" aria-live="assertive">
      <Icon name="power" size={56} />
      <h1 ref={heading} tabindex={-1}>
        {t(`leaving.${words}`)}
      </h1>
      <p>{t(`leaving.${words}.why`)}</p>
      {stage === 'gone' || stage === 'off' ? (
        <button type="button" class="button" onClick={() => (farewell.value = null)}>
          {t('close')}
        </button>
      ) : null}
    </div>
  );
}
