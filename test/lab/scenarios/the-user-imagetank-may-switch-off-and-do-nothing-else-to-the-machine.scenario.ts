import assert from 'node:assert/strict';
import type { Lab } from '../lab.ts';
import { Unit } from '../vm/unit.ts';

const LOGIN1 = 'org.freedesktop.login1 /org/freedesktop/login1 org.freedesktop.login1.Manager';

/** logind says what polkit would say. */
const MAY = [
  ['CanPowerOff', 'yes'],
  ['CanReboot', 'yes'],
  ['CanSuspend', 'not'],
  ['CanHalt', 'not'],
] as const;

/** Each has to fail, for the service's own user as the service runs it: its user, its group, no capability. */
const REFUSED = [
  'systemctl --no-ask-password restart systemd-udevd.service',
  'systemctl --no-ask-password stop imagetank.service',
  'systemctl --no-ask-password start imagetank-mount@x.service',
  'systemctl --no-ask-password daemon-reload',
  'systemctl --no-ask-password rescue',
  'systemctl --no-ask-password halt',
  'hostnamectl --no-ask-password set-hostname other',
  'timedatectl --no-ask-password set-time 2020-01-01',
  'mount -t tmpfs none /mnt',
  'mount --bind /tmp /media',
  'umount /var/lib/imagetank',
  'unshare --mount true',
  'dd if=/dev/vda of=/dev/null bs=512 count=1',
  'dd if=/dev/vdc of=/dev/null bs=512 count=1',
  'touch /etc/imagetank-was-here',
  'touch /usr/local/lib/imagetank/was-here',
] as const;

export default async function scenario(lab: Lab): Promise<void> {
  const { guest } = await lab.machine('ready');
  const unit = new Unit(guest);
  const pid = await unit.pid();

  const status = await guest.sh(`cat /proc/${pid}/status`);
  for (const line of ['CapPrm', 'CapEff', 'CapBnd', 'CapAmb', 'CapInh']) {
    assert.match(status, new RegExp(`^${line}:\\t0{16}$`, 'm'));
  }
  assert.match(status, /^NoNewPrivs:\t1$/m);
  assert.match(status, /^Seccomp:\t2$/m);

  const as = 'setpriv --reuid imagetank --regid imagetank --clear-groups';
  for (const [question, answer] of MAY) {
    const said = await guest.sh(`${as} busctl call ${LOGIN1} ${question}`);
    assert.equal(said === 's "yes"', answer === 'yes', `${question}: ${said}`);
  }
  // In the daemon's own namespace, with its user's rights and without its filter of system calls.
  const inside = `nsenter --mount --target ${pid} ${as} --bounding-set -all --inh-caps -all --no-new-privs`;
  for (const command of REFUSED) {
    for (const how of [as, inside]) {
      const { code, stdout, stderr } = await guest.run(['/bin/sh', '-c', `${how} ${command}`]);
      assert.notEqual(code, 0, `as imagetank: ${how === as ? '' : 'inside: '}${command}: ${stdout}${stderr}`);
      assert.doesNotMatch(stderr, /not found|No such file|Unknown command|unrecognized/, command);
    }
  }
  assert.equal(await unit.pid(), pid, 'the daemon still runs');

  // The helper serves the daemon's group alone, and what it may mount is none of the system's disks.
  const ask = (user: string, request: string) =>
    guest.run(['/bin/sh', '-c', `setpriv ${user} node -e '${ASK}' '${request}'`]);
  const stranger = await ask('--reuid nobody --regid nogroup --clear-groups', 'mount-card vda -');
  assert.match(stranger.stderr, /EACCES/);
  for (const disk of ['vda', 'vdb', 'vdc', '../vda', 'zram0']) {
    const { stdout } = await ask(
      '--reuid imagetank --regid imagetank --clear-groups',
      `mount-drive ${disk} -`,
    );
    assert.match(stdout, /^no /, `mount-drive ${disk}: ${stdout}`);
  }
}

const ASK = [
  'const socket = require("net").connect("/run/imagetank-mount.sock");',
  'socket.pipe(process.stdout);',
  'socket.write(process.argv[1] + "\\n");',
].join(' ');
