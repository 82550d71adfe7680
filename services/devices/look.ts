import type { Clock } from '../ports.ts';
import type { Closing } from './closing.ts';
import type { DriveIdentities, Look, Places } from './ports.ts';

/** A sleeping disk needs about 10 s to spin up; a dying one may never answer and must not stop everything else. */
const LOOK_DEADLINE_MS = 30_000;

export interface Eyes {
  readonly places: Places;
  readonly identities: DriveIdentities;
  readonly clock: Pick<Clock, 'setTimer'>;
  /** A look that hangs must not keep the daemon from ending. */
  readonly closing: Pick<Closing, 'isOver' | 'onEnd'>;
}

/** Looks at the top of a volume or folder; null when it cannot be read within `LOOK_DEADLINE_MS`. Never throws. */
export function lookAt(root: string, eyes: Eyes): Promise<Look | null> {
  if (eyes.closing.isOver) return Promise.resolve(null);
  return new Promise((resolve) => {
    const finish = (found: Look | null) => {
      disarm();
      stay();
      resolve(found);
    };
    const giveUp = () => finish(null);
    const disarm = eyes.clock.setTimer(LOOK_DEADLINE_MS, giveUp);
    const stay = eyes.closing.onEnd(giveUp);
    void look(root, eyes).then(finish);
  });
}

async function look(root: string, { places, identities }: Eyes): Promise<Look | null> {
  try {
    const cameraFolders = await places.cameraFolders(root);
    const identity = await identities.read(root).catch(() => 'unreadable' as const);
    const writable = await places.writable(root);
    return { identity, cameraFolders, writable };
  } catch {
    return null;
  }
}
