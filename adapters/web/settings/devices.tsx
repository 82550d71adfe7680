import { useEffect, useState } from 'preact/hooks';
import type { DeviceShape } from '../../../services/access/shapes.ts';
import { isOwner, leave, ownId } from '../access.ts';
import { ask } from '../api.ts';
import { timeText } from '../format.ts';
import { confirmed } from '../frame/confirm.tsx';
import { attempt } from '../frame/notice.tsx';
import { language, t } from '../i18n.ts';
import { Section } from './section.tsx';

type Device = DeviceShape & { readonly lastSeenAt?: string | null };

/** Who may come in. */
export function Devices() {
  const [devices, setDevices] = useState<readonly Device[]>([]);
  const owner = isOwner.value;
  const load = () => attempt(async () => setDevices(await ask<readonly Device[]>('/devices')));
  useEffect(() => {
    if (owner) void load();
  }, [owner]);
  const revoke = async ({ id, name }: Device) => {
    const question = {
      title: t('revoke.title', { name }),
      text: t('revoke.text'),
      action: t('revoke'),
      danger: true,
    };
    if (!(await confirmed(question))) return;
    await attempt(() => ask(`/devices/${encodeURIComponent(id)}`, { method: 'DELETE' }));
    await load();
  };
  return (
    <Section id="set-devices" title={t('devices')}>
      <ul class="plain list">
        {devices.map((device) => (
          <li key={device.id} class="row spread">
            <div>
              <h3>
                {device.name}
                {device.id === ownId.value ? <span class="own">{t('device.this')}</span> : null}
              </h3>
              <p class="small muted">{about(device)}</p>
            </div>
            <button
              type="button"
              class="button"
              aria-label={
                device.id === ownId.value ? t('leaveBox') : t('revokeDevice', { name: device.name })
              }
              onClick={() => (device.id === ownId.value ? goOut() : revoke(device))}
            >
              {t(device.id === ownId.value ? 'leaveBox' : 'revoke')}
            </button>
          </li>
        ))}
      </ul>
      {devices.some(({ id }) => id === ownId.value) ? null : (
        <button type="button" class="button" onClick={goOut}>
          {t('leaveBox')}
        </button>
      )}
    </Section>
  );
}

function about({ role, pairedAt, lastSeenAt }: Device): string {
  const at = { language: language.value };
  const parts = [
    t(`role.${role}`),
    t('device.paired', { time: timeText(pairedAt, at) }),
    lastSeenAt == null ? null : t('device.seen', { time: timeText(lastSeenAt, at) }),
  ];
  return parts.filter((part) => part !== null).join(' · ');
}

async function goOut(): Promise<void> {
  const question = { title: t('leave.title'), text: t('leave.text'), action: t('leaveBox'), danger: true };
  if (!(await confirmed(question))) return;
  if (await attempt(() => ask('/unpair', { method: 'POST' }))) leave();
}
