/** Modules of Debian's kernel that the guest has. */

/** Loaded by the initramfs: what it takes to reach the root disk. */
export const BOOT_MODULES = [
  'virtio_pci',
  'virtio_blk',
  'virtio_console',
  'ext4',
  'crc32c_generic',
  'crc32c-intel',
  'overlay',
] as const;

/** Loaded by systemd at boot. */
export const LOADED = [
  ...['ledtrig-timer', 'ledtrig-heartbeat', 'ledtrig-oneshot', 'ledtrig-pattern'],
  ...['evdev', 'nls_utf8', 'nls_ascii', 'nls_cp437'],
] as const;

/** On the root disk, loaded when something asks. Each must be there: a name that is not fails the build. */
export const ROOT_MODULES = [
  ...BOOT_MODULES,
  ...['virtio_rng', 'configfs', 'autofs4', 'fuse', 'loop', 'softdog'],
  ...LOADED,
  ...['leds-gpio', 'gpio_keys', 'uinput'],
  ...['xhci_pci', 'usb-storage', 'uas', 'sd_mod', 'sg', 'sr_mod'],
  ...['vfat', 'exfat', 'hfsplus', 'udf', 'btrfs'],
  'nls_iso8859-1',
  ...['dm-mod', 'dm-flakey', 'dm-log-writes', 'dm-delay'],
  ...['dummy_hcd', 'libcomposite', 'usb_f_mass_storage', 'usb_f_fs'],
] as const;

/** Files to load, in order, from what `modprobe --show-depends` prints: `insmod FILE` or `builtin NAME`. */
export function filesToLoad(shown: string): string[] {
  const files = shown.split('\n').flatMap((line) => /^insmod (\S+)/.exec(line)?.[1] ?? []);
  return [...new Set(files)];
}
