import type { DriveStatus } from '../../../services/shapes.ts';
import { isOwner } from '../access.ts';
import { ask } from '../api.ts';
import { percentOf, percentText, sizeText } from '../format.ts';
import { confirmed } from '../frame/confirm.tsx';
import { Icon } from '../frame/icons.tsx';
import { attempt, say } from '../frame/notice.tsx';
import { language, t } from '../i18n.ts';
import { live, status } from '../live/live.ts';
import { Said } from '../said.tsx';

export function Drives() {
  const drives = status.value?.drives ?? [];
  return (
    <section class="stack tight" aria-labelledby="drives">
      <h2 id="drives">{t('drives')}</h2>
      {drives.length === 0 ? (
        <p class="sheet muted">{t('noDrives')}</p>
      ) : (
        <ul class="plain stack tight">
          {drives.map((drive) => (
            <Drive key={drive.path ?? drive.id ?? drive.label} drive={drive} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Drive({ drive }: { readonly drive: DriveStatus }) {
  const { label, adopted, trouble, sizeBytes, freeBytes } = drive;
  const button = (action: 'adopt' | 'eject', work: (drive: DriveStatus) => Promise<unknown>) => (
    <button
      type="button"
      class={action === 'adopt' ? 'button primary' : 'button'}
      disabled={!live.value}
      aria-label={t(`${action}Drive`, { drive: label })}
      onClick={() => work(drive)}
    >
      {t(action)}
    </button>
  );
  return (
    <li class="sheet stack tight">
      <div class="thing">
        <Icon name="drive" size={28} />
        <div>
          <h3>{label}</h3>
          <p class="muted">{t(adopted ? 'adopted' : 'notAdopted')}</p>
        </div>
      </div>
      {trouble === undefined ? null : (
        <p class="small">
          <Said text={trouble} />
        </p>
      )}
      {freeBytes === null ? null : sizeBytes === null ? (
        <p class="small muted number">{t('free', { free: sizeText(freeBytes, language.value) })}</p>
      ) : (
        <Room size={sizeBytes} free={freeBytes} />
      )}
      {isOwner.value ? (
        <div class="row">{adopted ? button('eject', eject) : button('adopt', adopt)}</div>
      ) : null}
    </li>
  );
}

function Room({ size, free }: { readonly size: number; readonly free: number }) {
  const spoken = language.value;
  const percent = percentOf(size - free, size);
  return (
    <>
      <div class="bar quiet" aria-hidden="true">
        <span style={{ width: `${percent}%` }} />
      </div>
      <p class="small muted number">
        {t('freeOf', { free: sizeText(free, spoken), size: sizeText(size, spoken) })} ·{' '}
        {t('used', { percent: percentText(percent, spoken) })}
      </p>
    </>
  );
}

/** Labels can be the same on two drives; the server takes an id, a UUID or the path of an attached one as well. */
const nameOf = ({ id, uuid, path, label }: DriveStatus): string => id ?? uuid ?? path ?? label;

async function adopt(drive: DriveStatus): Promise<void> {
  const { label } = drive;
  const question = { title: t('adopt.title', { drive: label }), text: t('adopt.text'), action: t('adopt') };
  if (!(await confirmed(question))) return;
  await attempt(() => ask('/drives/adopt', { method: 'POST', body: { target: nameOf(drive) } }));
}

async function eject(drive: DriveStatus): Promise<void> {
  const { label } = drive;
  const question = { title: t('eject.title', { drive: label }), text: t('eject.text'), action: t('eject') };
  if (!(await confirmed(question))) return;
  await attempt(async () => {
    await ask('/drives/eject', { method: 'POST', body: { target: nameOf(drive) } });
    say(t('ejected', { drive: label }));
  });
}
