import { language, speak, t } from '../i18n.ts';
import { THEMES, theme, wear } from '../theme.ts';
import { Choice, Section } from './section.tsx';

/** Each language in its own words: whoever cannot read the page finds it. */
const OWN_NAMES = [
  ['en', 'English'],
  ['de', 'Deutsch'],
] as const;

export function Appearance() {
  return (
    <Section id="set-page" title={t('set.page')}>
      <div class="field">
        <Choice
          id="set-language"
          label={t('set.language')}
          value={language.value}
          words={OWN_NAMES}
          choose={speak}
        />
      </div>
      <div class="field">
        <Choice
          id="set-theme"
          label={t('set.theme')}
          value={theme.value}
          words={THEMES.map((word) => [word, t(`theme.${word}`)])}
          choose={wear}
        />
      </div>
    </Section>
  );
}
