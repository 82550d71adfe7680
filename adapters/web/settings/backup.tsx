import { useEffect, useState } from 'preact/hooks';
import { isOwner } from '../access.ts';
import { ask } from '../api.ts';
import { attempt, say } from '../frame/notice.tsx';
import { t } from '../i18n.ts';
import { Fields } from './fields.tsx';
import { Restart } from './restart.tsx';
import { Section } from './section.tsx';
import { changesOf, type Settings, type Values } from './shape.ts';

/** How cards are backed up. */
export function BackupSettings() {
  const [known, setKnown] = useState<Settings | null>(null);
  const [edited, setEdited] = useState<Values | null>(null);
  const take = (settings: Settings) => {
    setKnown(settings);
    setEdited(settings.settings);
  };
  useEffect(() => void attempt(async () => take(await ask<Settings>('/settings'))), []);
  const save = async (event: SubmitEvent) => {
    event.preventDefault();
    if (known === null || edited === null) return;
    await attempt(async () => {
      take(await ask<Settings>('/settings', { method: 'PATCH', body: changesOf(known.settings, edited) }));
      say(t('set.saved'));
    });
  };
  const changed =
    known !== null && edited !== null && Object.keys(changesOf(known.settings, edited)).length > 0;
  return (
    <Section id="set-backup" title={t('set.backup')}>
      {known === null || edited === null ? (
        <p class="muted">{t('loading')}</p>
      ) : (
        <form class="stack" onSubmit={save}>
          <Fields known={known} edited={edited} edit={(part) => setEdited({ ...edited, ...part })} />
          {isOwner.value ? (
            <button type="submit" class="button primary" disabled={!changed}>
              {t('set.save')}
            </button>
          ) : null}
          {known.pending ? <Restart how={known.restart} /> : null}
        </form>
      )}
    </Section>
  );
}
