import { backupId, type DriveId, driveId } from '../../machines/ids.ts';
import type { Card, Drive } from '../../machines/media.ts';
import type { DriveContext } from '../backup/drive-context.ts';
import { filmOf } from '../backup/film.ts';
import { Films } from '../backup/films.ts';
import type { BackupJob } from '../backup/job.ts';
import type { Lane } from '../backup/lane.ts';
import { Counter, ShotNumbers } from '../backup/numbering.ts';
import type { CardPlan } from '../backup/plan.ts';
import { Shelf } from '../backup/shelf.ts';
import type { Source } from '../backup/source.ts';
import { Strays } from '../backup/strays.ts';
import { surveyor } from '../backup/survey.ts';
import { type Style, shelvingOf, templateOf } from '../library/layout.ts';
import { CardHistory } from '../manifest/card-history.ts';
import type { DriveStore, MetadataReader } from '../media-ports.ts';
import type { Catalogue } from '../ports.ts';
import { ImaginedCatalogue } from './imagined-catalogue.ts';
import { ImaginedDrive } from './imagined-drive.ts';

/** One drive of a preview. */
export interface PreviewLane extends DriveContext, Pick<Lane, 'numbers' | 'strays' | 'shelf'> {
  readonly store: ImaginedDrive;
  /** What people call it, unlike any other lane; null for an empty drive that nobody has attached. */
  readonly label: string | null;
}

/** What is attached, and what is known of it. */
export interface PreviewDrives {
  /** Adopted, attached and open: what a backup would write to. None: an empty drive is shown. */
  readonly stores: readonly DriveStore[];
  readonly catalogue: Catalogue;
  /** Every adopted drive: a shot keeps the number that it has on any. */
  readonly known: readonly DriveId[];
  /** Stays free on each drive. */
  readonly reserveBytes: number;
}

export interface LaneParts {
  readonly drives: PreviewDrives | null;
  readonly metadata: Pick<MetadataReader, 'captures'>;
  readonly plan: CardPlan;
  readonly source: Source;
  /** The highest number that was given so far; 0 where nobody knows. */
  readonly highestNumber: () => number;
}

/** As many as a backup would write to, one at least. Throws `DriveError`. */
export async function lanesOf(
  card: Card,
  style: Style,
  { drives, metadata, plan, source, highestNumber }: LaneParts,
): Promise<readonly PreviewLane[]> {
  const counter = new Counter({ highestNumber });
  const both = { numbers: new ShotNumbers(counter), films: new Films(card, metadata) };
  const stores = drives?.stores ?? [];
  const catalogue = drives === null || stores.length === 0 ? NOTHING_KNOWN : drives.catalogue;
  const survey = surveyor(templateOf(style), counter);
  for (const store of stores) await survey(store);
  const imagined =
    stores.length === 0
      ? [new ImaginedDrive(NO_DRIVE, null)]
      : stores.map((real) => new ImaginedDrive(real.drive, real));
  const learned = new ImaginedCatalogue(catalogue, imagined);
  const job: BackupJob = {
    ...{ ...style, backupId: backupId(''), card, drives: imagined, unopened: [], attached: imagined.length },
    ...{ fit: false, reserveBytes: drives?.reserveBytes ?? 0, copies: 'all', verify: 'medium', hash: null },
  };
  return imagined.map((store) => ({
    ...both,
    job,
    store,
    label: stores.length === 0 ? null : labelAmong(imagined, store),
    catalogue: learned,
    shelving: shelvingOf(card, style, {
      driveId: store.drive.id,
      restricted: store.rules.restrictedNames,
      catalogue,
    }),
    source,
    filmOf: (group) => filmOf(group, plan.find),
    cardHistory: NO_HISTORY,
    strays: new Strays(),
    shelf: new Shelf(),
    claim: () => true,
    onReadBack: () => undefined,
    onLost: async (files) => learned.lose(store.drive.id, files),
  }));
}

function labelAmong(all: readonly ImaginedDrive[], { drive }: ImaginedDrive): string {
  const { label, uuid, path } = drive;
  const isShared = all.filter((other) => other.drive.label === label).length > 1;
  return isShared ? `${label} (${uuid ?? path})` : label;
}

/** What a card's own manifest asks for decides whether a file is read again, not where it goes. */
const NO_HISTORY = new CardHistory(new Map(), []);

const NOTHING_KNOWN: Catalogue = {
  hasSize: () => false,
  findContent: () => [],
  findEverywhere: () => [],
  findSeen: () => null,
  copyAt: () => null,
  copiesOf: () => [],
  unsealed: () => [],
  sealedGenerations: () => new Set(),
  wasShotSeen: () => false,
  highestNumber: () => 0,
  cardsBelow: () => [],
};

const NO_DRIVE: Drive = {
  id: driveId(''),
  label: '',
  uuid: null,
  path: '',
  kind: 'folder',
  sizeBytes: null,
  fsType: null,
  hardware: null,
  adopted: true,
  writable: true,
};
