import type { BackupStatus } from '../../../services/shapes.ts';
import { type Language, translate } from '../translate.ts';

/** `Copying to SSD-A, SSD-B`: what a backup does now, and with which drives. */
export function phaseText(
  { phase, drives }: Pick<BackupStatus, 'phase'> & { readonly drives: readonly { readonly label: string }[] },
  language: Language,
): string {
  const words = translate(language, `phase.${phase}`);
  if (drives.length === 0) return words;
  // Copies are read back from where they were written to.
  const key = phase === 'verifying' ? 'fromDrives' : 'toDrives';
  return `${words} ${translate(language, key, { drives: drives.map(({ label }) => label).join(', ') })}`;
}
