import { effect, signal } from '@preact/signals';
import { leave } from '../access.ts';
import { t } from '../i18n.ts';
import { Refusal } from '../refusal.ts';
import { place } from '../route.ts';
import { refusalWords } from './refusal-words.ts';

interface Said {
  readonly text: string;
  readonly hint: string;
  readonly bad: boolean;
  /** What the box said, where the page says it in words of its own. */
  readonly words?: string;
}

const notice = signal<Said | null>(null);

// What was said belongs to the place where it was said.
effect(() => {
  if (place.value.path !== '') notice.value = null;
});

/** Says that something went well, until the next word or until it is closed. */
export function say(text: string): void {
  notice.value = { text, hint: '', bad: false };
}

/** Says what went wrong, in the words of the server where it refused. */
export function complain(error: unknown): void {
  if (error instanceof Refusal) {
    if (error.status === 401) leave();
    notice.value = noticeOf(error);
  } else {
    notice.value = { text: t('noAnswer'), hint: '', bad: true };
  }
}

function noticeOf({ code, message, hint }: Refusal): Said {
  const known = refusalWords(code);
  if (known === null) return { text: message, hint, bad: true };
  return { text: t(known.title), hint: t(known.todo), bad: true, words: `${message}: ${hint}` };
}

/** Does it, and says so when it does not work. True when it worked. */
export async function attempt(work: () => Promise<unknown>): Promise<boolean> {
  notice.value = null;
  try {
    await work();
    return true;
  } catch (error) {
    complain(error);
    return false;
  }
}

/** Once in the page. It is there from the beginning, empty: only then is what comes into it read aloud. */
export function Notice() {
  const said = notice.value;
  return (
    <div class="notice-place" role="status" aria-live="polite">
      {said === null ? null : (
        <div class={said.bad ? 'notice bad' : 'notice'}>
          <div>
            <p>{said.text}</p>
            {said.hint === '' ? null : <p class="small">{said.hint}</p>}
            {said.words === undefined ? null : (
              <details class="small">
                <summary>{t('refused.words')}</summary>
                <p lang="en">{said.words}</p>
              </details>
            )}
          </div>
          <button type="button" class="button plain" onClick={() => (notice.value = null)}>
            {t('close')}
          </button>
        </div>
      )}
    </div>
  );
}
