import { deviceSourceContract } from '../contracts/device-source.contract.ts';
import { bench, volume } from './memory.ts';

deviceSourceContract('device service in memory', async () => {
  const { machine, service } = bench();
  const volumes = new Map<string, ReturnType<typeof volume>>();
  return {
    source: service,
    insert: async (name) => void volumes.set(name, machine.mount(volume(name), { camera: true })),
    remove: async (name) => {
      const one = volumes.get(name);
      if (one !== undefined) machine.unmount(one);
    },
    dispose: async () => undefined,
  };
});
