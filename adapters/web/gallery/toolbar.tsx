import './toolbar.css';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { GroupLine, GroupPageShape } from '../../../services/library/shapes.ts';
import { ask } from '../api.ts';
import { t } from '../i18n.ts';
import { Glyph } from './glyph.tsx';
import { isWanting, NO_CAMERA, NOTHING_WANTED } from './results.ts';
import { want, wanted } from './state.ts';

/** Nobody types slower within a word; each question costs the box a search. */
const TYPING_MS = 300;

/** Finds photos by name, camera, card and day. */
export function Toolbar({ onDay }: { readonly onDay: (day: string) => void }) {
  const cameras = useGroups('camera');
  const cards = useGroups('card');
  const now = wanted.value;
  const named = cameras.map(({ key, label }) =>
    key === '' ? { key: NO_CAMERA, label: t('photosNoCamera') } : { key, label },
  );
  const isNarrow = isWanting(now);
  return (
    <div class="tools">
      <Search />
      <fieldset class="chips" aria-label={t('photosFilters')}>
        <Choice
          label={t('photosCamera')}
          all={t('photosAllCameras')}
          options={named}
          value={now.camera}
          onChange={(camera) => want({ camera })}
        />
        <Choice
          label={t('photosCard')}
          all={t('photosAllCards')}
          options={cards}
          value={now.card}
          onChange={(card) => want({ card })}
        />
        <label class={now.day === '' ? 'chip' : 'chip on'}>
          <span>{t(isNarrow ? 'photosOnlyDay' : 'photosGoToDay')}</span>
          <input
            type="date"
            value={now.day}
            onChange={({ currentTarget: { value } }) => (value === '' ? want({ day: '' }) : onDay(value))}
          />
        </label>
        {isNarrow ? (
          <button type="button" class="chip clear" onClick={() => want(NOTHING_WANTED)}>
            <Glyph name="close" size={18} />
            {t('photosClear')}
          </button>
        ) : null}
      </fieldset>
    </div>
  );
}

function Search() {
  const { name } = wanted.value;
  const [text, setText] = useState(name);
  /** What this field asked for last: a name that changes to something else was changed elsewhere. */
  const asked = useRef(name);
  const find = () => {
    const part = text.trim();
    if (part === asked.current) return;
    asked.current = part;
    want({ name: part });
  };
  useEffect(() => {
    if (name === asked.current) return;
    asked.current = name;
    setText(name);
  }, [name]);
  useEffect(() => {
    const timer = setTimeout(find, text === '' ? 0 : TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    // biome-ignore lint/a11y/useSemanticElements: <search> is younger than the phones that we serve.
    <form
      class="search"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        find();
      }}
    >
      <Glyph name="search" size={20} />
      <input
        type="search"
        enterkeyhint="search"
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        maxLength={255}
        placeholder={t('photosSearch')}
        aria-label={t('photosFind')}
        value={text}
        onInput={({ currentTarget: { value } }) => setText(value)}
      />
    </form>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly all: string;
  readonly options: readonly { readonly key: string; readonly label: string }[];
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function Choice({ label, all, options, value, onChange }: ChoiceProps) {
  return (
    <span class={value === '' ? 'chip' : 'chip on'}>
      <select
        aria-label={label}
        value={value}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
      >
        <option value="">{all}</option>
        {options.map((option) => (
          <option key={option.key} value={option.key}>
            {option.label}
          </option>
        ))}
      </select>
    </span>
  );
}

/** Those heard of last; without an answer there is nothing to choose from, and the photos say what is wrong. */
function useGroups(by: 'camera' | 'card'): readonly GroupLine[] {
  const [groups, setGroups] = useState<readonly GroupLine[]>([]);
  useEffect(() => {
    ask<GroupPageShape>(`/photos/by/${by}?limit=200`).then(
      (page) => setGroups(page.groups),
      () => undefined,
    );
  }, [by]);
  return groups;
}
