import './settings.css';
import { isOwner } from '../access.ts';
import { t } from '../i18n.ts';
import { About } from './about.tsx';
import { Appearance } from './appearance.tsx';
import { BackupSettings } from './backup.tsx';
import { Devices } from './devices.tsx';
import { Diagram } from './diagram.tsx';

export function Settings() {
  return (
    <div class="stack">
      <h1>{t('settings')}</h1>
      <div class="settings">
        <div class="stack">
          <BackupSettings />
          <Diagram />
        </div>
        <div class="stack">
          <Appearance />
          {isOwner.value ? <Devices /> : null}
          <About />
        </div>
      </div>
    </div>
  );
}
