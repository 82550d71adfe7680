/**
 * What operating systems leave on a disk that they only look at (Apple: Spotlight, Trashes, AppleDouble, DS_Store;
 * Microsoft: thumbnails, folder settings, recycle bin, restore points; freedesktop.org: trash): never new, and no part
 * of a folder's hash. A copy of ours with such a name is listed and verified all the same.
 */
export const SYSTEM_PATTERNS: readonly string[] = [
  '.DS_Store',
  '._*',
  '.Spotlight-V100',
  '.Trashes',
  '.fseventsd',
  '.TemporaryItems',
  '.DocumentRevisions-V100',
  '.apdisk',
  'Thumbs.db',
  'ehthumbs.db',
  'desktop.ini',
  '$RECYCLE.BIN',
  'System Volume Information',
  '.Trash-*',
];
