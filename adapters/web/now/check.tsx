import { useEffect, useRef, useState } from 'preact/hooks';
import type { CardStatus } from '../../../services/shapes.ts';
import type { CheckResult } from '../../../services/work-shapes.ts';
import { send } from '../api.ts';
import { percentOf, percentText, timeOnlyText } from '../format.ts';
import { complain } from '../frame/notice.tsx';
import { language, t } from '../i18n.ts';
import { jsonLines } from '../live/lines.ts';
import { live, status } from '../live/live.ts';
import { Refusal } from '../refusal.ts';
import { type Checking, type CheckLine, groundsOf, isOld } from './checks.ts';
import { Bar } from './running.tsx';

/** Is this card safe to format? The box reads all of it, and this shows how far it is and what it says. */
export function Check({ card }: { readonly card: CardStatus }) {
  const [checking, setChecking] = useState<Checking | null>(null);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);
  const cancel = () => stop.current?.abort();
  const begin = async () => {
    const mine = new AbortController();
    stop.current = mine;
    setChecking({ type: 'running', progress: null });
    try {
      await follow(card.id, mine.signal, setChecking);
    } catch (error) {
      setChecking(null);
      if (!mine.signal.aborted) complain(error);
    }
  };
  if (checking?.type === 'running') return <UnderWay card={card} checking={checking} cancel={cancel} />;
  const old = checking !== null && isOld(checking, status.value, card.id, live.value);
  return (
    <div class="stack tight">
      <div aria-live="polite">
        {checking === null ? null : old ? (
          <p class="muted">{t('check.old')}</p>
        ) : (
          <Answer card={card.label} result={checking.result} at={checking.at} />
        )}
      </div>
      <button
        type="button"
        class="button"
        disabled={!live.value}
        aria-label={t('checkCard', { card: card.label })}
        onClick={begin}
      >
        {t('check')}
      </button>
    </div>
  );
}

async function follow(card: string, signal: AbortSignal, tell: (checking: Checking) => void): Promise<void> {
  const { body } = await send('/check', { method: 'POST', body: { card }, signal });
  if (body === null) throw new TypeError('no answer');
  for await (const line of jsonLines(body) as AsyncIterable<CheckLine>) {
    if ('error' in line) throw new Refusal(500, line.error);
    if ('progress' in line) tell({ type: 'running', progress: line.progress });
    else {
      const seen = status.value === null ? '' : groundsOf(status.value, card);
      tell({ type: 'ended', result: line.result, at: new Date().toISOString(), seen });
      return;
    }
  }
  throw new TypeError('the check ended without a result');
}

interface UnderWayProps {
  readonly card: CardStatus;
  readonly checking: Extract<Checking, { type: 'running' }>;
  readonly cancel: () => void;
}

function UnderWay({ card, checking: { progress }, cancel }: UnderWayProps) {
  const percent = progress === null ? 0 : percentOf(progress.bytesDone, progress.bytesTotal);
  return (
    <div class="stack tight">
      <div class="row spread">
        <span>{t('check.running')}</span>
        <span class="number">{percentText(percent, language.value)}</span>
      </div>
      <Bar percent={percent} label={t('progressOf', { card: card.label })} />
      <button type="button" class="button" onClick={cancel}>
        {t('check.stop')}
      </button>
    </div>
  );
}

/** More than anybody reads on a phone; the command line lists all. */
const SHOWN = 50;

function Answer({
  card,
  result,
  at,
}: {
  readonly card: string;
  readonly result: CheckResult;
  readonly at: string;
}) {
  const { safe, files, missing, copies, gaps } = result;
  const time = timeOnlyText(at, { language: language.value });
  const why = safe
    ? t('check.safe.why', { files, copies: copies.required, time })
    : t('check.no.why', { files, missing: missing.length });
  return (
    <div class={safe ? 'answer yes' : 'answer no'}>
      <h4>{t(safe ? 'check.safe' : 'check.no', { card })}</h4>
      <p>{why}</p>
      {missing.length === 0 ? null : (
        <ul class="plain missing">
          {missing.slice(0, SHOWN).map(({ path, why: reason }) => (
            <li key={path}>
              <span>{path}</span> <span class="muted">{t(`why.${reason}`)}</span>
            </li>
          ))}
        </ul>
      )}
      {missing.length > SHOWN ? (
        <p class="muted">{t('check.others', { count: missing.length - SHOWN })}</p>
      ) : null}
      {gaps.length === 0 ? null : (
        <p class="small">{t('check.gaps', { gaps: gaps.slice(0, SHOWN).join(', ') })}</p>
      )}
    </div>
  );
}
