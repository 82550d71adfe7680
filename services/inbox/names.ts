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

/** Trash, thumbnails and workshops of servers (`.recycle`, `.AppleDouble`, `.Trash-1000`, `.tus`): not looked into. */
export const isHiddenFolder = (name: string): boolean => name.startsWith('.');

interface Named {
  readonly path: string;
}

/** A file, whole or on its way; no folder settings of a file manager. */
export const isSomebodys = ({ path }: Named): boolean => nameKind(path) !== 'litter';
export const isWhole = ({ path }: Named): boolean => nameKind(path) === 'file';
