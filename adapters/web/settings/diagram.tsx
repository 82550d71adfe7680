import { useEffect, useState } from 'preact/hooks';
import { send } from '../api.ts';
import { t } from '../i18n.ts';
import { light } from '../live/live.ts';
import { Section } from './section.tsx';

const PATH = '/diagram?machine=appliance';

/** The chart that the box lives by, with the state of now lit. */
export function Diagram() {
  const state = light.value?.state;
  const url = usePicture(light.value?.seq);
  if (state === undefined || url === null) return null;
  return (
    <Section id="set-diagram" title={t('set.diagram')}>
      <figure class="diagram">
        <img src={url} alt={t('diagram.alt', { state: t(`state.${state}`) })} />
      </figure>
      <a href={`/api/v1${PATH}`} target="_blank" rel="noreferrer">
        {t('diagram.open')}
      </a>
    </Section>
  );
}

/** Fetched anew with each change of the light; an `img` of the same address would show the first one again. */
function usePicture(seq: number | undefined): string | null {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (seq === undefined) return;
    const stop = new AbortController();
    let made: string | null = null;
    const load = async () => {
      const blob = await (await send(PATH, { signal: stop.signal }, 'image/svg+xml')).blob();
      if (stop.signal.aborted) return;
      made = URL.createObjectURL(blob);
      setUrl(made);
    };
    // The page says all of it in words too: without the picture nothing is missing.
    load().catch(() => setUrl(null));
    return () => {
      stop.abort();
      if (made !== null) URL.revokeObjectURL(made);
    };
  }, [seq]);
  return url;
}
