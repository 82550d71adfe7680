import { restAfter } from '../asking.ts';
import type { Guest } from './guest.ts';

const START_TIMEOUT_MS = 400_000;

const NODE = '/usr/bin/node';
const PROGRAM = '/opt/imagetank/.build/imagetank.js';
const STATE = '/var/lib/imagetank';
export const SOCKETS = ['/run/imagetank/imagetank.sock', `${STATE}/imagetank.sock`] as const;

/** Exit code for a command line that is not understood (contract.md, section 2). */
const USAGE = 64;

/** For a build that does not know `setup service`: the lab's own unit, without any of its protection. */
const PLAIN_UNIT = `[Unit]
Description=imagetank, started by the lab
[Service]
ExecStart=${NODE} ${PROGRAM} run
Restart=on-failure
`;

const MOUNT_PROGRAM = `mkdir -p /opt/imagetank ${STATE} && mount -o ro,noatime /dev/vdb /opt/imagetank`;
const MOUNT_STATE = `mount -o noatime /dev/vdc ${STATE}`;
const SETUP = `${NODE} ${PROGRAM} setup service`;
const STOP = `systemctl stop imagetank.socket imagetank.service 2>/dev/null; umount ${STATE}`;

/** All that decides what an installed guest looks like, beside the program. */
export const INSTALL_SCRIPT = [PLAIN_UNIT, MOUNT_PROGRAM, MOUNT_STATE, SETUP, STOP].join('\n');

/** Sets imagetank up as a person would, and leaves it stopped, its state disk unmounted. */
export async function install(guest: Guest): Promise<void> {
  await guest.sh(`${MOUNT_PROGRAM} && ln -sf ${PROGRAM} /usr/local/bin/imagetank && ${MOUNT_STATE}`);
  const known = await guest.run(['/bin/sh', '-c', `${SETUP} --dry-run`]);
  // Only that: a setup that fails must not go unseen behind a unit that works.
  if (known.code !== USAGE) await guest.sh(SETUP);
  else await guest.write('/etc/systemd/system/imagetank.service', PLAIN_UNIT);
  await guest.sh(`systemctl daemon-reload && { ${STOP}; } && sync && echo 3 > /proc/sys/vm/drop_caches`);
}

/** From `installed`: until the daemon answers and has booted. Gives the path of its socket. */
export async function startService(guest: Guest): Promise<string> {
  await guest.sh(`${MOUNT_STATE} && systemctl start imagetank.service`);
  return socketOf(guest);
}

/** A socket may be there before anybody listens, or be left from before a power cut, and it answers during boot. */
export async function socketOf(guest: Guest): Promise<string> {
  const endMs = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    const askedMs = performance.now();
    for (const socket of SOCKETS) {
      const answer = await guest.request(socket, 'GET', '/api/v1/status').catch(() => null);
      if (answer?.status === 200 && !isBooting(answer.body)) return socket;
    }
    if (performance.now() > endMs) throw new Error('imagetank does not answer');
    await restAfter(askedMs);
  }
}

const isBooting = (status: string): boolean => (JSON.parse(status) as { state: string }).state === 'boot';
