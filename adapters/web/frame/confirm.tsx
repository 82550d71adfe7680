import { effect, signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { entry } from '../access.ts';
import { t } from '../i18n.ts';

export interface Question {
  readonly title: string;
  readonly text: string;
  /** What the button that goes on says: the thing itself, never “OK”. */
  readonly action: string;
  readonly danger?: boolean;
}

const open = signal<{ readonly question: Question; readonly answer: (yes: boolean) => void } | null>(null);

// It would stay above the page that asks for a code.
effect(() => {
  if (entry.value !== 'out') return;
  open.peek()?.answer(false);
  open.value = null;
});

/** Asks in a dialog; closing it in any way means no. */
export function confirmed(question: Question): Promise<boolean> {
  open.value?.answer(false);
  return new Promise((resolve) => {
    open.value = { question, answer: resolve };
  });
}

/** Once in the page. */
export function ConfirmDialog() {
  const box = useRef<HTMLDialogElement>(null);
  const asked = open.value;
  useEffect(() => {
    if (asked !== null && box.current?.open === false) box.current.showModal();
  }, [asked]);
  if (asked === null) return null;
  const finish = (yes: boolean) => {
    box.current?.close();
    asked.answer(yes);
    if (open.value === asked) open.value = null;
  };
  const { title, text, action, danger = false } = asked.question;
  return (
    <dialog ref={box} class="dialog" aria-labelledby="confirm-title" onClose={() => finish(false)}>
      <div class="stack">
        <h2 id="confirm-title">{title}</h2>
        <p>{text}</p>
        <div class="stack tight">
          <button
            type="button"
            class={danger ? 'button danger' : 'button primary'}
            onClick={() => finish(true)}
          >
            {action}
          </button>
          {/* A thumb that slips must not switch the box off. */}
          <button type="button" class="button" autofocus onClick={() => finish(false)}>
            {t('cancel')}
          </button>
        </div>
      </div>
    </dialog>
  );
}
