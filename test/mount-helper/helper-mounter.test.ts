import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HelperMounter } from '../../adapters/mount-helper/helper-mounter.ts';
import { createSystemClock } from '../../adapters/node/system-clock.ts';
import { mounterContract } from '../contracts/mounter.contract.ts';
import { fakeMachine } from './fake-tools.ts';
import { unplug } from './script.ts';
import { serve } from './socket-unit.ts';

const VOLUMES = { sda1: '8:1', sdb1: '8:17' } as const;

mounterContract('the helper script over a socket', async () => {
  const dir = await realpath(await mkdtemp(join(tmpdir(), 'imagetank-mount-')));
  const machine = fakeMachine(dir);
  for (const [name, number] of Object.entries(VOLUMES)) {
    machine.insert({ name, number, disk: name.slice(0, 3), bus: `devices/usb1/${name}` });
  }
  const socketPath = join(dir, 'socket');
  const unit = await serve(socketPath, [machine.script]);
  return {
    mounter: new HelperMounter({ clock: createSystemClock(), socketPath }),
    one: { node: '/dev/sda1', key: 'sda1#17' },
    other: { node: '/dev/sdb1', key: 'sdb1#17' },
    mode: ({ node }) => machine.mode(node.slice(5)),
    pull: ({ node }) => {
      const name = node.slice(5) as keyof typeof VOLUMES;
      unplug(dir, { name, number: VOLUMES[name] });
    },
    cleanUp: async () => {
      await unit.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
});
