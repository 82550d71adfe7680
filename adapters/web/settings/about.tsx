import { t } from '../i18n.ts';
import { status } from '../live/live.ts';
import { Section } from './section.tsx';

export function About() {
  const now = status.value;
  const fingerprint = now?.address?.fingerprint ?? null;
  return (
    <Section id="set-about" title={t('set.about')}>
      <dl class="about">
        <dt>{t('about.version')}</dt>
        <dd>{now?.health?.version ?? '–'}</dd>
        <dt>{t('about.address')}</dt>
        <dd>{location.origin}</dd>
        <dt>{t('about.fingerprint')}</dt>
        <dd class="fingerprint">{location.protocol === 'http:' ? t('about.plain') : (fingerprint ?? '–')}</dd>
      </dl>
    </Section>
  );
}
