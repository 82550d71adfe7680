import { posix } from 'node:path';
import { UserError } from '../errors.ts';

const SERVICE_STATE = '/var/lib/imagetank';
const SERVICE_RUN = '/run/imagetank';
const SOCKET_NAME = 'imagetank.sock';

/** `sun_path` of unix(7) has 108 bytes, the last one is 0. */
export const MAX_SOCKET_PATH_BYTES = 107;

/** What the resolution depends on; nothing else is looked at. */
export interface Surroundings {
  /** `--state`, as typed. */
  readonly flag: string | undefined;
  readonly env: {
    readonly IMAGETANK_STATE?: string | undefined;
    readonly XDG_STATE_HOME?: string | undefined;
  };
  readonly cwd: string;
  readonly home: string;
  readonly exists: (path: string) => boolean;
}

export interface Places {
  /** Absolute. */
  readonly stateDir: string;
  /** Where commands find the daemon. */
  readonly socketPath: string;
  /** Where a daemon started here listens: differs from `socketPath` only before the service's first start. */
  readonly listenPath: string;
}

/**
 * State folder and socket as in the last paragraph of `contract.md` section 2.
 * Throws `UserError` 78 when the socket's path would be longer than the kernel takes.
 */
export function resolvePlaces(around: Surroundings): Places {
  const { env, exists } = around;
  const given = around.flag ?? (env.IMAGETANK_STATE || undefined);
  if (given !== undefined) {
    if (given === '') {
      throw new UserError('empty-state', 64, '--state is empty', 'name the folder that keeps the journal');
    }
    const stateDir = posix.resolve(around.cwd, given);
    const socketPath = checked(posix.join(stateDir, SOCKET_NAME));
    return { stateDir, socketPath, listenPath: socketPath };
  }
  const service = exists(SERVICE_STATE);
  const stateDir = service ? SERVICE_STATE : posix.join(userState(around), 'imagetank');
  const running = posix.join(SERVICE_RUN, SOCKET_NAME);
  const socketPath = checked(exists(running) ? running : posix.join(stateDir, SOCKET_NAME));
  // The service manager makes /run/imagetank before the first socket is there.
  const listenPath = service && exists(SERVICE_RUN) ? running : socketPath;
  return { stateDir, socketPath, listenPath };
}

/** The XDG base directory specification: a relative path is to be ignored. */
function userState({ env, home }: Surroundings): string {
  const xdg = env.XDG_STATE_HOME ?? '';
  return posix.isAbsolute(xdg) ? xdg : posix.join(home, '.local/state');
}

function checked(socketPath: string): string {
  const bytes = Buffer.byteLength(socketPath);
  if (bytes <= MAX_SOCKET_PATH_BYTES) return socketPath;
  throw new UserError(
    'socket-path-too-long',
    78,
    `socket path of ${bytes} bytes, ${socketPath}`,
    `choose a state folder whose path is shorter: the kernel takes ${MAX_SOCKET_PATH_BYTES} bytes`,
  );
}
