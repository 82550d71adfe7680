import './pairing.css';
import { useEffect, useState } from 'preact/hooks';
import { t } from '../i18n.ts';
import { listenNow } from '../live/live.ts';
import { deviceNameOf, digitsOf } from './code.ts';
import { givenCode } from './given-code.ts';
import { pair } from './pair.ts';
import type { Trouble } from './trouble.ts';

/** The way in. */
export function Pairing() {
  const [code, setCode] = useState(givenCode.peek() ?? '');
  const [name, setName] = useState(deviceNameOf(navigator.userAgent));
  const [going, setGoing] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const locked = useCountdown(trouble);
  const go = async (given: string | null) => {
    if (given !== null && given.length < 6) {
      setTrouble({ key: 'pair.six', message: null, lockedForSeconds: 0 });
      return;
    }
    setGoing(true);
    const found = await pair(given, name);
    setGoing(false);
    setTrouble(found);
    if (found === null) listenNow();
  };
  const given = givenCode.value;
  useEffect(() => {
    if (given === null) return;
    givenCode.value = null;
    setCode(given);
    void go(given);
  }, [given]);
  const blocked = going || locked > 0;
  return (
    <div class="pairing stack">
      <div>
        <h1>{t('pair.title')}</h1>
        <p class="muted">{t('pair.how')}</p>
      </div>
      <form class="sheet stack" noValidate onSubmit={submitted(() => go(code))}>
        <div class="field">
          <label for="code">{t('pair.code')}</label>
          <input
            id="code"
            class="code"
            inputMode="numeric"
            autocomplete="one-time-code"
            value={code}
            aria-describedby="pair-trouble"
            aria-invalid={trouble !== null && locked === 0 ? 'true' : undefined}
            onInput={(event) => setCode(tidied(event.currentTarget))}
          />
        </div>
        <div class="field">
          <label for="name">{t('pair.name')}</label>
          <input
            id="name"
            maxLength={64}
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </div>
        <p id="pair-trouble" class="trouble" role="alert">
          {trouble === null ? '' : wordsOf(trouble, locked)}
        </p>
        <button type="submit" class="button primary wide" disabled={blocked}>
          {t(going ? 'pair.going' : 'pair.go')}
        </button>
      </form>
      <section class="sheet stack tight" aria-labelledby="by-button">
        <h2 id="by-button">{t('pair.button')}</h2>
        <p>{t('pair.button.how')}</p>
        <button type="button" class="button wide" disabled={blocked} onClick={() => go(null)}>
          {t('pair.button.go')}
        </button>
      </section>
    </div>
  );
}

const submitted = (work: () => unknown) => (event: SubmitEvent) => {
  event.preventDefault();
  work();
};

/** What is in the field is what will be sent, also when it was pasted with a blank in it. */
function tidied(input: HTMLInputElement): string {
  input.value = digitsOf(input.value);
  return input.value;
}

function wordsOf({ key, message }: Trouble, seconds: number): string {
  // The lock has run out: what was said about it is no longer true.
  if (key === 'pair.too-many-guesses' && seconds === 0) return '';
  return key === null ? (message ?? '') : t(key, { seconds });
}

/** Seconds until the box listens again. */
function useCountdown(trouble: Trouble | null): number {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const until = performance.now() + (trouble?.lockedForSeconds ?? 0) * 1000;
    const show = () => setSeconds(Math.max(0, Math.ceil((until - performance.now()) / 1000)));
    show();
    const timer = setInterval(show, 1000);
    return () => clearInterval(timer);
  }, [trouble]);
  return seconds;
}
