import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { isOwner } from '../access.ts';
import { ask } from '../api.ts';
import { confirmed } from '../frame/confirm.tsx';
import { attempt } from '../frame/notice.tsx';
import { t } from '../i18n.ts';
import { live, status } from '../live/live.ts';

/** Longer than the two seconds that shut down. */
const HELD_MS = 2500;

const simulated = signal(false);

/** The button of a board that is not there, and folders in place of cards. */
export function SimulatedBoard() {
  useEffect(() => {
    // An older server does not know this; then there is nothing to press here.
    if (live.value)
      ask<{ simulated: boolean }>('/board').then(
        (board) => (simulated.value = board.simulated),
        () => undefined,
      );
  }, [live.value]);
  if (!simulated.value || !isOwner.value || !live.value) return null;
  return (
    <section class="sheet stack tight" aria-labelledby="sim">
      <h2 id="sim">{t('simulated')}</h2>
      <div class="row">
        <button type="button" class="button" onClick={() => post('/sim/press')}>
          {t('press')}
        </button>
        <button type="button" class="button" onClick={hold}>
          {t('hold')}
        </button>
      </div>
      <form class="field" onSubmit={insert}>
        <label for="sim-folder">{t('folder')}</label>
        <div class="row joined">
          <input
            id="sim-folder"
            name="dir"
            required
            pattern="/.*"
            autocapitalize="off"
            autocomplete="off"
            spellcheck={false}
            placeholder="/home/pi/DCIM"
          />
          <button type="submit" class="button">
            {t('insert')}
          </button>
        </div>
      </form>
      {status.value?.cards.map(({ path, label, id }) => (
        <button key={id} type="button" class="button" onClick={() => post('/sim/remove', { dir: path })}>
          {t('removeCards', { card: label })}
        </button>
      ))}
    </section>
  );
}

const post = (path: string, body: object = {}) => attempt(() => ask(path, { method: 'POST', body }));

async function hold(): Promise<void> {
  const question = { title: t('power.title'), text: t('hold.text'), action: t('hold'), danger: true };
  if (await confirmed(question)) await post('/sim/hold', { ms: HELD_MS });
}

async function insert(event: SubmitEvent): Promise<void> {
  event.preventDefault();
  const form = event.currentTarget as HTMLFormElement;
  const dir = String(new FormData(form).get('dir'));
  if (await post('/sim/insert', { dir })) form.reset();
}
