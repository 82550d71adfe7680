import { fileName } from '../library/names.ts';

/** Which names in an inbox are files that are still on their way, and which are nobody's files at all. */

/** `arriving`: a program writes it and renames it when it is whole. `litter`: a file manager's own, never copied. */
export type NameKind = 'file' | 'arriving' | 'litter';

interface Rule {
  readonly matches: RegExp;
  readonly kind: Exclude<NameKind, 'file'>;
  /** Who uses the name, and where that is written. */
  readonly source: string;
}

/** The first that fits counts. Names are compared without regard to case: FAT and SMB clients change it. */
const RULES: readonly Rule[] = [
  { matches: /^\.ds_store$/i, kind: 'litter', source: 'macOS Finder: folder settings, also on SMB shares' },
  {
    matches: /^\._/,
    kind: 'litter',
    source: 'macOS: AppleDouble, what a volume without forks cannot keep (RFC 1740)',
  },
  {
    matches: /^(thumbs\.db|desktop\.ini)$/i,
    kind: 'litter',
    source: 'Windows Explorer: thumbnails, folder settings',
  },
  {
    matches: /^\./,
    kind: 'arriving',
    source: 'rsync(1): .NAME.XXXXXX; ProFTPD HiddenStores: .in.NAME.; Pure-FTPd: .pureftpd-upload.…',
  },
  { matches: /^~/, kind: 'arriving', source: 'Windows programs: ~$NAME and ~NAME.tmp while they save' },
  {
    matches: /\.part$/i,
    kind: 'arriving',
    source: 'Firefox, KIO (Dolphin), wget2 and our own incoming files',
  },
  { matches: /\.partial$/i, kind: 'arriving', source: 'rclone (--partial-suffix), Internet Explorer' },
  { matches: /\.te?mp$/i, kind: 'arriving', source: 'SMB and FTP apps of phones (PhotoSync, FolderSync)' },
  { matches: /\.filepart$/i, kind: 'arriving', source: 'WinSCP: transfer to temporary filename' },
  {
    matches: /\.(crdownload|download|opdownload)$/i,
    kind: 'arriving',
    source: 'Chromium, Safari, Opera downloads',
  },
  { matches: /\.!qb$/i, kind: 'arriving', source: 'qBittorrent: append .!qB extension' },
  {
    matches: /^[0-9a-f]{32}(\.(info|lock|json))?$/i,
    kind: 'arriving',
    source: 'tusd and @tus/file-store: 32 digits, NAME.info, NAME.lock, NAME.json',
  },
];

/** By the last part of a path alone. */
export function nameKind(path: string): NameKind {
  const name = fileName(path);
  return RULES.find(({ matches }) => matches.test(name))?.kind ?? 'file';
}

/**
 * What lies in a hidden folder may be the work of a server that is not done with it, so it is never touched; but it may as
 * well be somebody's photos: it is told, except where a program is known to keep there what is nobody's upload.
 */
export const isHiddenFolder = (name: string): boolean => name.startsWith('.');

const LITTER_FOLDERS: readonly { readonly matches: RegExp; readonly source: string }[] = [
  {
    matches:
      /^\.(trash|trashes|trash-\d+|spotlight-v100|fseventsd|temporaryitems|documentrevisions-v100|apdisk)$/i,
    source: 'macOS and freedesktop.org: trash (.Trashes, .Trash-1000), search index, log of changes, scratch',
  },
  { matches: /^\.(appledouble|appledb|appledesktop)$/i, source: 'Netatalk: forks and databases' },
  { matches: /^\.recycle$/i, source: 'Samba: vfs_recycle(8), what clients deleted' },
  { matches: /^\.(stfolder|stversions)$/i, source: 'Syncthing: marker, and versions that were replaced' },
  { matches: /^\.(thumbnails|@__thumb)$/i, source: 'Android and QNAP: thumbnails' },
  { matches: /^\.tus$/i, source: 'tus servers: uploads on their way' },
];

/** Not looked into. */
export const isLitterFolder = (name: string): boolean =>
  LITTER_FOLDERS.some(({ matches }) => matches.test(name));

interface Named {
  readonly path: string;
}

/** A file, whole or on its way; no folder settings of a file manager. */
export const isSomebodys = ({ path }: Named): boolean => nameKind(path) !== 'litter';
export const isWhole = ({ path }: Named): boolean => nameKind(path) === 'file';
