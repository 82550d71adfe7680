import type { Guest } from './guest.ts';

const NODE = '/usr/bin/node';
const PROGRAM = '/opt/imagetank/imagetank.js';
const STATE = '/var/lib/imagetank';
const SOCKETS = ['/run/imagetank/imagetank.sock', `${STATE}/imagetank.sock`] as const;

/** For a build that has no `setup service`: the lab's own unit, without any of its protection. */
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
  if (known.code === 0) await guest.sh(SETUP);
  else await guest.write('/etc/systemd/system/imagetank.service', PLAIN_UNIT);
  await guest.sh(`systemctl daemon-reload && { ${STOP}; } && sync && echo 3 > /proc/sys/vm/drop_caches`);
}

/** From `installed`: until the daemon answers. */
export async function startService(guest: Guest): Promise<string> {
  await guest.sh(`${MOUNT_STATE} && systemctl start imagetank.service`);
  return socketOf(guest);
}

/** Where the daemon listens, as soon as it answers there. */
export async function socketOf(guest: Guest): Promise<string> {
  const tests = SOCKETS.map((socket) => `{ test -S ${socket} && echo ${socket}; }`).join(' || ');
  const socket = await guest.until(tests);
  await guest.until(`systemctl is-active imagetank.service`);
  return socket;
}
