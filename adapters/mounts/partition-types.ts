/**
 * Types that never hold photos. GPT: UEFI 2.10 table 5.7, Microsoft's "PARTITION_INFORMATION_GPT", the Discoverable
 * Partitions Specification (uapi-group.org), all as collected in util-linux `include/pt-gpt-partnames.h`; MBR: its
 * `include/pt-mbr-partnames.h`. In lower case, as lsblk and blkid print them.
 */
const NEVER_PHOTOS = new Set([
  'c12a7328-f81f-11d2-ba4b-00a0c93ec93b', // EFI system
  'e3c9e316-0b5c-4db8-817d-f92df00215ae', // Microsoft reserved
  'de94bba4-06d1-4d40-a16a-bfd50179d6ac', // Windows recovery
  '5808c8aa-7e8f-42e0-85d2-e1e90434cfb3', // Windows LDM metadata
  '21686148-6449-6e6f-744e-656564454649', // BIOS boot
  '024dee41-33e7-11d3-9d69-0008c781f39f', // MBR in GPT
  '9e1a2d38-c612-4316-aa26-8b49521e5a8b', // PReP boot
  'd3bfe2de-3daf-11df-ba40-e3a556d89593', // Intel fast flash
  'd3bfe2dd-3daf-11df-ba40-e3a556d89593', // Lenovo boot
  'f4019732-066e-4e12-8273-346c5641494f', // Sony boot
  'bfbfafe7-a34f-448a-9a5b-6213eb736c22', // IBM or Lenovo boot
  '426f6f74-0000-11aa-aa11-00306543ecac', // Apple boot
  '52414944-5f4f-11aa-aa11-00306543ecac', // Apple RAID, offline
  'bc13c2ff-59e6-4262-a352-b275fd6f7172', // Linux extended boot
  '0657fd6d-a4ab-43c4-84e5-0933c84b4f4f', // Linux swap
  '8da63339-0007-60c0-c436-083ac8230908', // Linux reserved
  '0x5', // extended
  '0xf', // extended, LBA
  '0x85', // Linux extended
  '0x12', // Compaq diagnostics
  '0x27', // hidden NTFS, Windows recovery
  '0x41', // PReP boot
  '0x82', // Linux swap
  '0xef', // EFI system
]);

/** True for a partition that is no volume, whatever is on it. */
export const neverHoldsPhotos = (partitionType: string | null): boolean =>
  partitionType !== null && NEVER_PHOTOS.has(partitionType.toLowerCase().replace(/^0x0+(?=.)/, '0x'));
