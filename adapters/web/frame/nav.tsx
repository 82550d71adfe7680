import { isOwner } from '../access.ts';
import { t } from '../i18n.ts';
import { place } from '../route.ts';
import { Icon } from './icons.tsx';

const PLACES = [
  { path: '/', icon: 'now', text: 'navNow' },
  { path: '/photos', icon: 'photos', text: 'navPhotos' },
  { path: '/upload', icon: 'upload', text: 'navUpload', ownersOnly: true },
  { path: '/history', icon: 'history', text: 'navHistory' },
  { path: '/settings', icon: 'settings', text: 'navSettings' },
] as const;

export function Nav() {
  const shown = PLACES.filter((one) => !('ownersOnly' in one) || isOwner.value);
  return (
    <nav class="nav" aria-label={t('navigation')}>
      {shown.map(({ path, icon, text }) => (
        <a key={path} href={`#${path}`} aria-current={place.value.path === path ? 'page' : undefined}>
          <Icon name={icon} />
          <span>{t(text)}</span>
        </a>
      ))}
    </nav>
  );
}
