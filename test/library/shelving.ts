import { type CardId, cardId, driveId, relativePath } from '../../machines/ids.ts';
import type { Card } from '../../machines/media.ts';
import { type Shelving, type Style, shelvingOf } from '../../services/library/layout.ts';
import type { ScannedFile } from '../../services/media-ports.ts';
import type { Catalogue } from '../../services/ports.ts';

export const CARD: Card = {
  id: cardId('AAAA-1+1000'),
  label: 'SD1',
  uuid: 'AAAA-1',
  path: '/media/SD1',
  kind: 'volume',
  sizeBytes: 1000,
  fsType: 'vfat',
  hardware: null,
  readOnly: true,
};

export interface Asked extends Partial<Style> {
  readonly card?: Partial<Card>;
  /** Cards whose files lie below a folder. */
  readonly owners?: Record<string, string[]>;
  readonly restricted?: boolean;
}

/** `dated`, days from midnight on, on a drive that takes every name. */
export function shelving({ card, owners = {}, restricted = false, ...style }: Asked): Shelving {
  return shelvingOf(
    { ...CARD, ...card },
    { layout: 'dated', template: '', dayStarts: '00:00', ...style },
    {
      driveId: driveId('d'),
      restricted,
      catalogue: {
        cardsBelow: (_, folder) => (owners[folder] ?? []) as CardId[],
      } as Partial<Catalogue> as Catalogue,
    },
  );
}

export const group = (...paths: string[]): { members: ScannedFile[] } => ({
  members: paths.map((path) => ({ kind: 'file', path: relativePath(path), sizeBytes: 1, mtimeMs: 0 })),
});
