import type { ComponentChildren } from 'preact';
import { isOwner } from '../access.ts';
import { t } from '../i18n.ts';
import { Choice } from './section.tsx';
import {
  AUTOS,
  COPIES,
  copiesOf,
  copiesWord,
  type Key,
  LAYOUTS,
  linesOf,
  type Settings,
  type Values,
} from './shape.ts';

interface FieldsProps {
  readonly known: Settings;
  readonly edited: Values;
  readonly edit: (part: Partial<Values>) => void;
}

export function Fields({ known, edited, edit }: FieldsProps) {
  const { layout, template, copies, drives, day_starts: dayStarts, auto } = edited;
  const field = (key: Key, content: (look: Look) => ComponentChildren, help?: string) => (
    <Field name={key} known={known} help={help} content={content} />
  );
  return (
    <>
      {field('layout', (look) => (
        <Choice
          {...look}
          label={t('set.layout')}
          value={layout}
          choose={(word) => edit({ layout: word })}
          words={LAYOUTS.map((word) => [word, t(`layout.${word}`)])}
        />
      ))}
      {layout !== 'custom'
        ? null
        : field(
            'template',
            ({ id, disabled, describedBy }) => (
              <>
                <label for={id}>{t('set.template')}</label>
                <input
                  id={id}
                  disabled={disabled}
                  aria-describedby={describedBy}
                  value={template}
                  autocapitalize="off"
                  spellcheck={false}
                  onInput={(event) => edit({ template: event.currentTarget.value })}
                />
              </>
            ),
            t('set.template.help', { example: '{year}/{date}/{camera}/{name}.{ext}' }),
          )}
      {field('copies', (look) => (
        <Choice
          {...look}
          label={t('set.copies')}
          value={copiesWord(copies)}
          choose={(word) => edit({ copies: copiesOf(word) })}
          words={COPIES.map((word) => [
            word,
            word === 'all' ? t('copies.all') : t('copies.some', { count: Number(word) }),
          ])}
        />
      ))}
      {field('auto', (look) => (
        <Choice
          {...look}
          label={t('set.auto')}
          value={auto}
          choose={(word) => edit({ auto: word })}
          words={AUTOS.map((word) => [word, t(`auto.${word}`)])}
        />
      ))}
      {field('day_starts', ({ id, disabled, describedBy }) => (
        <>
          <label for={id}>{t('set.day_starts')}</label>
          <input
            id={id}
            type="time"
            required
            disabled={disabled}
            aria-describedby={describedBy}
            value={dayStarts}
            onInput={(event) => edit({ day_starts: event.currentTarget.value })}
          />
        </>
      ))}
      {field(
        'drives',
        ({ id, disabled, describedBy }) => (
          <>
            <label for={id}>{t('set.drives')}</label>
            <textarea
              id={id}
              rows={3}
              disabled={disabled}
              aria-describedby={describedBy}
              defaultValue={drives.join('\n')}
              onInput={(event) => edit({ drives: linesOf(event.currentTarget.value) })}
            />
          </>
        ),
        t('set.drives.help'),
      )}
    </>
  );
}

interface Look {
  readonly id: string;
  readonly disabled: boolean;
  readonly describedBy: string | undefined;
}

interface FieldProps {
  readonly name: Key;
  readonly known: Settings;
  readonly help: string | undefined;
  readonly content: (look: Look) => ComponentChildren;
}

/** What is set by an environment variable or a flag is shown, and cannot be changed here. */
function Field({ name, known, help, content }: FieldProps) {
  const locked = known.locked.includes(name);
  const words = locked ? t('set.locked', { where: known.sources[name] ?? '–' }) : (help ?? '');
  const describedBy = words === '' ? undefined : `${name}-help`;
  return (
    <div class="field">
      {content({ id: `set-${name}`, disabled: locked || !isOwner.value, describedBy })}
      {words === '' ? null : (
        <p id={describedBy} class="small muted">
          {words}
        </p>
      )}
    </div>
  );
}
