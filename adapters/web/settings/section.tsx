import type { ComponentChildren } from 'preact';

interface SectionProps {
  readonly id: string;
  readonly title: string;
  readonly children: ComponentChildren;
}

export function Section({ id, title, children }: SectionProps) {
  return (
    <section class="sheet stack" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  );
}

interface ChoiceProps<Word extends string> {
  readonly id: string;
  readonly label: string;
  readonly value: Word;
  readonly words: readonly (readonly [Word, string])[];
  readonly disabled?: boolean;
  readonly describedBy?: string | undefined;
  readonly choose: (word: Word) => void;
}

export function Choice<Word extends string>(props: ChoiceProps<Word>) {
  const { id, label, value, words, disabled = false, describedBy, choose } = props;
  return (
    <>
      <label for={id}>{label}</label>
      <select
        id={id}
        value={value}
        disabled={disabled}
        aria-describedby={describedBy}
        onChange={(event) => choose(event.currentTarget.value as Word)}
      >
        {words.map(([word, text]) => (
          <option key={word} value={word}>
            {text}
          </option>
        ))}
      </select>
    </>
  );
}
