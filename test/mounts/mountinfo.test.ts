import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  aliasesOf,
  isBelow,
  isReadOnly,
  type Mount,
  mountOf,
  parseMountinfo,
  storageBelow,
} from '../../adapters/mounts/mountinfo.ts';

const parse = (...lines: readonly string[]): readonly Mount[] =>
  parseMountinfo(Buffer.from(`${lines.join('\n')}\n`, 'latin1'));

/** A mount as a line; everything that a test does not care about is filled in. */
const line = (id: number, device: string, point: string, fsType = 'ext4', root = '/'): string =>
  `${id} 1 ${device} ${root} ${point} rw,relatime shared:1 - ${fsType} /dev/x rw`;

describe('parseMountinfo', () => {
  it('reads the example of proc_pid_mountinfo(5)', () => {
    expect(parse('36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue')).toEqual([
      {
        mountId: 36,
        device: '98:0',
        root: '/mnt1',
        mountPoint: '/mnt2',
        options: ['rw', 'noatime'],
        fsType: 'ext3',
        source: '/dev/root',
        superOptions: ['rw', 'errors=continue'],
      },
    ]);
  });

  it.each([
    ['none', '36 35 98:0 / /m rw - ext4 /dev/a rw'],
    ['two', '36 35 98:0 / /m rw shared:2 master:1 - ext4 /dev/a rw'],
  ])('finds the type behind %s of the optional fields', (_, text) => {
    expect(parse(text)).toMatchObject([{ fsType: 'ext4', source: '/dev/a' }]);
  });

  it('decodes blanks, tabs, newlines, backslashes and emoji', () => {
    const [mount] = parseMountinfo(
      Buffer.from('36 35 8:1 / /media/a\\040b\\011c\\012d\\134e\\043f/📷 rw - vfat /dev/my\\040disk rw\n'),
    );
    expect(mount).toMatchObject({ mountPoint: '/media/a b\tc\nd\\e#f/📷', source: '/dev/my disk' });
  });

  it('decodes a backslash once: \\134040 is a backslash and 040', () => {
    expect(parse('36 35 8:1 / /m\\134040 rw - vfat /dev/a rw')).toMatchObject([{ mountPoint: '/m\\040' }]);
  });

  it('shows U+FFFD for bytes that are not UTF-8', () => {
    expect(parse('36 35 8:1 / /m/\xfcber rw - vfat /dev/a rw')).toMatchObject([
      { mountPoint: '/m/\ufffdber' },
    ]);
  });

  it.each([
    '',
    'x',
    '36 35 8:1 /',
    '36 35 8:1 / /m rw shared:1 vfat /dev/a rw',
    'x 35 8:1 / /m rw - vfat /dev/a rw',
    '36 35 8:1 / /m rw - vfat',
  ])('passes over what it does not understand: %j', (text) => {
    expect(parse(text, line(37, '8:2', '/ok'))).toMatchObject([{ mountId: 37 }]);
  });

  it('reads a line without super options', () => {
    expect(parse('36 35 8:1 / /m rw - vfat /dev/a')).toMatchObject([{ superOptions: [''] }]);
  });

  it('reads back every path, whatever it holds', () => {
    const encode = (path: string): Buffer =>
      Buffer.concat(
        [...Buffer.from(path)].map((byte) =>
          ' \t\n\\#'.includes(String.fromCharCode(byte))
            ? Buffer.from(`\\${byte.toString(8).padStart(3, '0')}`)
            : Buffer.from([byte]),
        ),
      );
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (name) => {
        const path = `/${name}`;
        const text = Buffer.concat([
          Buffer.from('1 2 8:1 / '),
          encode(path),
          Buffer.from(' rw - ext4 s rw\n'),
        ]);
        expect(parseMountinfo(text)).toMatchObject([{ mountPoint: path }]);
      }),
    );
  });

  it('never throws on garbage', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        parseMountinfo(bytes);
      }),
    );
  });
});

describe('mounts', () => {
  it('are read-only by either kind of option', () => {
    const only = (options: string, superOptions: string) =>
      parse(`1 2 8:1 / /m ${options} - ext4 s ${superOptions}`).map(isReadOnly);
    expect(only('rw,noatime', 'rw')).toEqual([false]);
    expect(only('ro,noatime', 'rw')).toEqual([true]);
    expect(only('rw', 'ro,errors=remount-ro')).toEqual([true]);
  });

  it('are found by the longest mount point, the topmost of equals', () => {
    const mounts = parse(
      line(1, '8:1', '/'),
      line(2, '8:2', '/media/a'),
      line(3, '8:3', '/media/a'),
      line(4, '8:4', '/media/a/b'),
    );
    const idAt = (path: string) => mountOf(mounts, path)?.mountId;
    expect(idAt('/home')).toBe(1);
    expect(idAt('/media/ab')).toBe(1);
    expect(idAt('/media/a')).toBe(3);
    expect(idAt('/media/a/c')).toBe(3);
    expect(idAt('/media/a/b/c')).toBe(4);
    expect(mountOf([], '/')).toBeNull();
  });

  it('lie below a folder, or are it', () => {
    expect(isBelow('/media', '/media')).toBe(true);
    expect(isBelow('/media/a', '/media')).toBe(true);
    expect(isBelow('/mediatheque', '/media')).toBe(false);
    expect(isBelow('/a', '/')).toBe(true);
  });
});

describe('aliases of a folder', () => {
  const root = line(1, '8:1', '/');
  const all = (path: string, ...lines: readonly string[]) =>
    [...aliasesOf(parse(root, ...lines), path)].sort();

  it.each([
    ['itself alone', '/srv/drive', [], ['/srv/drive']],
    [
      'its other place, from the bind mount',
      '/mnt/x/100CANON',
      [line(2, '8:1', '/mnt/x', 'ext4', '/srv/drive/Photos')],
      ['/mnt/x/100CANON', '/srv/drive/Photos/100CANON'],
    ],
    [
      'its other place, from the original',
      '/srv/drive/Photos/a',
      [line(2, '8:1', '/mnt/x', 'ext4', '/srv/drive/Photos')],
      ['/mnt/x/a', '/srv/drive/Photos/a'],
    ],
    ['no mount of a part of it', '/srv', [line(2, '8:1', '/mnt/x', 'ext4', '/srv/drive')], ['/srv']],
    [
      'what is mounted in it',
      '/srv/card',
      [line(2, '8:1', '/srv/card/in', 'ext4', '/home/drive')],
      ['/home/drive', '/srv/card', '/srv/card/in'],
    ],
    [
      'the second mount of a volume',
      '/media/a/Photos',
      [line(2, '8:2', '/media/a'), line(3, '8:2', '/media/b')],
      ['/media/a/Photos', '/media/b/Photos'],
    ],
    [
      'subvolumes of btrfs, which have one device',
      '/top/@home/pi',
      [line(2, '0:40', '/top', 'btrfs'), line(3, '0:40', '/home', 'btrfs', '/@home')],
      ['/home/pi', '/top/@home/pi'],
    ],
    [
      'nothing of another file system at the same path of it',
      '/media/a/Photos',
      [line(2, '8:2', '/media/a'), line(3, '8:3', '/media/b')],
      ['/media/a/Photos'],
    ],
  ])('are %s', (_, path, lines, expected) => {
    expect(all(path, ...lines)).toEqual(expected);
  });
});

describe('storageBelow', () => {
  const ids = (roots: readonly string[], ...lines: readonly string[]) =>
    storageBelow(parse(...lines), roots).map((mount) => mount.mountId);

  it('takes what is mounted at or below the roots', () => {
    const lines = [
      line(1, '8:1', '/'),
      line(2, '8:2', '/media/a'),
      line(3, '8:3', '/media/pi/b'),
      line(4, '8:4', '/mnt'),
      line(5, '8:5', '/srv/c'),
    ];
    expect(ids(['/media', '/mnt'], ...lines)).toEqual([2, 3, 4]);
    expect(ids([], ...lines)).toEqual([]);
  });

  it('takes the visible one of several mounts at one place', () => {
    expect(ids(['/media'], line(2, '8:2', '/media/a'), line(3, '8:3', '/media/a'))).toEqual([3]);
  });

  it('takes a file system once, the whole of it rather than a folder', () => {
    const bind = line(2, '8:2', '/media/bind', 'ext4', '/DCIM');
    expect(ids(['/media'], bind, line(3, '8:2', '/media/a'), line(4, '8:2', '/media/b'))).toEqual([3]);
  });

  it.each([
    'proc',
    'autofs',
    'nfs4',
    'cifs',
    'fuse.sshfs',
    'squashfs',
    'fuse.gvfsd-fuse',
  ])('leaves out %s', (fsType) => {
    expect(ids(['/media'], line(2, '0:2', '/media/a', fsType))).toEqual([]);
  });

  it.each([
    'ext4',
    'vfat',
    'exfat',
    'ntfs3',
    'fuseblk',
    'btrfs',
    'tmpfs',
    'overlay',
    'somethingnew',
  ])('takes %s: an unknown kind may be a card', (fsType) => {
    expect(ids(['/media'], line(2, '0:2', '/media/a', fsType))).toEqual([2]);
  });
});
