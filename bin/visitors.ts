/** What people do who come in over the network: a box without a port loads nothing of it. */
import { contextOf } from '../machines/decide.ts';
import { isInboxCard } from '../machines/ids.ts';
import type { Drive } from '../machines/media.ts';
import { noAnswer, withDeadline } from '../services/deadline.ts';
import { Departures } from '../services/devices/departures.ts';
import { messageOf } from '../services/errors.ts';
import { Throttle } from '../services/throttle.ts';
import { createGallery } from './pictures.ts';
import { createUploads } from './uploads.ts';

type GalleryParts = Parameters<typeof createGallery>[0];
type UploadParts = Parameters<typeof createUploads>[0];

type Parts = Omit<GalleryParts, 'attached' | 'isBusy' | 'maker' | 'throttle'> &
  Omit<UploadParts, 'isLeaving' | 'open' | 'throttle'> & {
    readonly ports?: {
      readonly openUploads?: NonNullable<UploadParts['open']>;
      readonly pictureMaker?: NonNullable<GalleryParts['maker']>;
    };
  };

export type Visitors = ReturnType<typeof createVisitors>;

/** What is under way ends within a block of its drive; one that takes longer hangs, and is not waited for. */
const QUIET_MS = 10_000;

export function createVisitors(parts: Parts) {
  const { runtime, devices, clock, warn, ports } = parts;
  const departures = new Departures();
  const isLeaving = (id: Drive['id']) => departures.has(id);
  const attached = () => devices.attached.drives.filter(({ id }) => id === null || !isLeaving(id));
  const running = () => contextOf(runtime.state).running;
  const isBusy = () => running().length > 0;
  const throttle = new Throttle({ clock, isBusy });
  // The backup of an inbox waits for what is on its way to it: nothing of that gives way to it.
  const pay: Throttle['pay'] = async (sizeBytes, cut) => {
    if (running().some(({ card }) => !isInboxCard(card.id))) await throttle.pay(sizeBytes, cut);
  };
  const gallery = createGallery({ ...parts, attached, isBusy, throttle, maker: ports?.pictureMaker });
  const uploads = createUploads({ ...parts, isLeaving, throttle: { pay }, open: ports?.openUploads });
  const inTime = (what: string, work: Promise<unknown>) =>
    withDeadline(work, QUIET_MS, clock, noAnswer(what, QUIET_MS));
  const stop = async () => void (await Promise.all([uploads.stop(), gallery.stop()]));
  // From the moment when the machine goes down nothing is taken or shown any more: drives are let go soon.
  runtime.decided$.subscribe(({ record }) => {
    if (record.fact.type === 'ShutdownRequested') stop().catch((error: unknown) => warn(messageOf(error)));
  });
  return {
    gallery,
    uploads,
    get isArriving(): boolean {
      return uploads.isArriving;
    },
    /**
     * Lets a drive go: until `run` is over nothing is opened there, and nothing is open. Rejects when the drive does not
     * answer, and as `run` does; then the drive is used again.
     */
    without: (drive: Pick<Drive, 'id' | 'label' | 'path'>, run: () => Promise<void>) =>
      departures.during(drive.id, async () => {
        await inTime(drive.label, Promise.all([uploads.leave(drive.id), gallery.letGo(drive.path)]));
        await run();
      }),
    /** For good. Resolves when nothing is open on any drive; rejects when one does not answer. */
    stop: () => inTime('a drive', stop()),
  };
}
