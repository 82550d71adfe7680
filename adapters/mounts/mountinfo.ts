import { join, relative } from 'node:path';

/** One line of `/proc/self/mountinfo` (proc_pid_mountinfo(5)). */
export interface Mount {
  readonly mountId: number;
  /** `major:minor` of the file system's device; major 0 for those without a block device, btrfs among them. */
  readonly device: string;
  /** Folder of the file system that is mounted: other than `/` for bind mounts and btrfs subvolumes. */
  readonly root: string;
  /** U+FFFD stands for bytes that are not UTF-8: such a path cannot be opened, which is then reported. */
  readonly mountPoint: string;
  readonly options: readonly string[];
  readonly fsType: string;
  /** Device node, or whatever the mount was told. */
  readonly source: string;
  readonly superOptions: readonly string[];
}

/** The mounts in order, later ones on top of earlier ones at the same place. Lines that are not understood are passed over. */
export function parseMountinfo(text: Uint8Array): readonly Mount[] {
  // As Latin-1 each byte is one character: nothing is lost before the octal escapes are bytes again.
  const lines = Buffer.from(text).toString('latin1').split('\n');
  return lines.flatMap((line) => parseLine(line) ?? []);
}

function parseLine(line: string): Mount | null {
  const fields = line.split(' ');
  // Between the sixth field and the `-` stand any number of optional ones.
  const dash = fields.indexOf('-', 6);
  const [id, , device, root, mountPoint, options] = fields;
  const [fsType, source, superOptions] = dash < 0 ? [] : fields.slice(dash + 1);
  const mountId = Number(id);
  if (!Number.isInteger(mountId) || device === undefined || root === undefined) return null;
  if (mountPoint === undefined || options === undefined || fsType === undefined || source === undefined) {
    return null;
  }
  return {
    mountId,
    device,
    root: decode(root),
    mountPoint: decode(mountPoint),
    options: options.split(','),
    fsType: decode(fsType),
    source: decode(source),
    superOptions: (superOptions ?? '').split(',').map(decode),
  };
}

/** Blank, tab, newline, backslash and `#` are written as `\040`, `\011`, `\012`, `\134`, `\043`. */
function decode(field: string): string {
  const bytes = field.replace(/\\([0-3][0-7]{2})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

export const isReadOnly = (mount: Mount): boolean =>
  mount.options.includes('ro') || mount.superOptions.includes('ro');

/** Path `inner` is `outer` or lies below it. */
export function isBelow(inner: string, outer: string): boolean {
  return inner === outer || inner.startsWith(outer.endsWith('/') ? outer : `${outer}/`);
}

/** The mount on which an absolute path without links stands: the longest mount point, the topmost of equal ones. */
export function mountOf(mounts: readonly Mount[], path: string): Mount | null {
  let best: Mount | null = null;
  for (const mount of mounts) {
    const isLonger = mount.mountPoint.length >= (best?.mountPoint.length ?? 0);
    if (isLonger && isBelow(path, mount.mountPoint)) best = mount;
  }
  return best;
}

/** See `Places.aliases`. Takes a path without links. */
export function aliasesOf(mounts: readonly Mount[], path: string): readonly string[] {
  const here = mountOf(mounts, path);
  const shown = mounts.filter(({ mountPoint }) => mountPoint !== path && isBelow(mountPoint, path));
  // A folder by what its file system calls it.
  const own = here === null ? [] : [{ device: here.device, path: moved(path, here.mountPoint, here.root) }];
  const regions = [...own, ...shown.map(({ device, root }) => ({ device, path: root }))];
  const seen = regions.flatMap((region) =>
    mounts
      .filter(({ device, root }) => device === region.device && isBelow(region.path, root))
      .map(({ root, mountPoint }) => moved(region.path, root, mountPoint)),
  );
  return [...new Set([path, ...seen])];
}

/** A path below one folder, at the same place below another. */
const moved = (path: string, from: string, to: string): string => join(to, relative(from, path));

/** Kernel interfaces, which are no storage, and network file systems, which can hang whoever asks them. */
const NO_STORAGE = new Set(
  `autofs binder binfmt_misc bpf cgroup cgroup2 configfs debugfs devpts devtmpfs efivarfs fusectl hugetlbfs mqueue
  nsfs proc pstore ramfs rpc_pipefs securityfs selinuxfs squashfs sysfs tracefs fuse.gvfsd-fuse fuse.lxcfs
  fuse.portal afs ceph cifs fuse.rclone fuse.sshfs ncpfs nfs nfs4 smb3 smbfs`.split(/\s+/),
);

/**
 * The mounts at or below the given folders that can be a card or drive: the visible one of several at one place, and
 * one of several of the same file system (a bind mount beside the mount itself would be the same card twice).
 */
export function storageBelow(mounts: readonly Mount[], roots: readonly string[]): readonly Mount[] {
  const byPoint = new Map<string, Mount>();
  for (const mount of mounts) {
    byPoint.delete(mount.mountPoint);
    byPoint.set(mount.mountPoint, mount);
  }
  const wanted = [...byPoint.values()].filter(
    (mount) => !NO_STORAGE.has(mount.fsType) && roots.some((root) => isBelow(mount.mountPoint, root)),
  );
  const byDevice = new Map<string, Mount>();
  for (const mount of wanted) {
    const other = byDevice.get(mount.device);
    if (other === undefined || mount.root.length < other.root.length) byDevice.set(mount.device, mount);
  }
  return [...byDevice.values()];
}
