import { type RelativePath, relativePath } from '../../machines/ids.ts';
import type { Places } from '../devices/ports.ts';
import { INBOX_FOLDER, OWN_FOLDER } from '../drive-folders.ts';
import { UserError } from '../errors.ts';
import type { DriveStore } from '../media-ports.ts';

/** A folder of an adopted drive that is attached. */
export interface Where {
  readonly store: DriveStore;
  /** Real path. */
  readonly path: string;
  /** Below the drive. */
  readonly folder: RelativePath;
}

/** `others`: top folders of drives that are attached and not adopted. Throws `UserError` 64, 66, 77. */
export async function whereIs(
  dir: string,
  places: Pick<Places, 'realPath' | 'isFolder'>,
  stores: Iterable<DriveStore>,
  others: readonly string[],
): Promise<Where> {
  const path = await places.realPath(dir).catch((error: unknown) => {
    throw new UserError('no-folder', 66, `${dir} is not there`, 'name a folder that is there', error);
  });
  if (!(await places.isFolder(path))) {
    throw new UserError(
      'no-folder',
      66,
      `${dir} is a file, or cannot be opened`,
      `name a folder: imagetank library index ${folderAbove(path)}`,
    );
  }
  const isOn = (top: string) => path === top || path.startsWith(top === '/' ? top : `${top}/`);
  // Of two drives one within the other it is the inner one.
  const [store] = [...stores]
    .filter(({ drive }) => isOn(drive.path))
    .sort((a, b) => b.drive.path.length - a.drive.path.length);
  if (store === undefined) {
    const [drive] = others.filter(isOn).sort((a, b) => b.length - a.length);
    const above = drive ?? folderAbove(path);
    const what = drive === undefined ? 'the drive or folder that holds it' : 'the drive';
    const hint = `adopt ${what}: imagetank drive adopt ${above === '/' ? 'DIR' : above}`;
    throw new UserError('not-adopted', 77, `${path} lies on no adopted drive that is attached`, hint);
  }
  const top = store.drive.path === '/' ? '' : store.drive.path;
  const below = path.slice(top.length + 1);
  if (below === '') {
    const hint = `name a folder on it: imagetank library index ${top}/DIR`;
    throw new UserError('whole-drive', 64, `${path} is the whole drive`, hint);
  }
  if (below === OWN_FOLDER || below.startsWith(`${OWN_FOLDER}/`)) {
    throw new UserError('own-folder', 64, `${path} is imagetank’s own`, 'name a folder with photos');
  }
  const first = below.split('/', 1)[0] ?? '';
  if ((store.rules.restrictedNames ? first.toLowerCase() : first) === INBOX_FOLDER) {
    const hint = 'wait until its files are in the library, or move them to another folder first';
    throw new UserError('inbox', 64, `${path} is the drive’s inbox: what lies there is moved`, hint);
  }
  return { store, path, folder: relativePath(below) };
}

const folderAbove = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf('/')));

/** A card that is mounted in or over a drive's folder would be taken for its own copy, and then be erased: 64. */
export async function assertNothingMounted(
  { store, path }: Pick<Where, 'store' | 'path'>,
  places: Pick<Places, 'mountsBelow'>,
): Promise<void> {
  const isInTheWay = (point: string) =>
    point === path || path.startsWith(`${point}/`) || point.startsWith(`${path}/`);
  const foreign = (await places.mountsBelow(store.drive.path)).find(isInTheWay);
  if (foreign === undefined) return;
  const message = `${foreign}: something else is mounted there, it is not on the drive`;
  throw new UserError('foreign-mount', 64, message, 'unmount it, or name a folder beside it');
}
