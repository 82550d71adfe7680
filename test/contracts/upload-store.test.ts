import { Buffer } from 'node:buffer';
import { MemoryUploadStore } from '../../adapters/memory/memory-upload-store.ts';
import { driveAt } from '../fs/drives.ts';
import { uploadStoreContract } from './upload-store.contract.ts';

uploadStoreContract('in memory', async () => {
  const store = new MemoryUploadStore(driveAt('/media/TANK'));
  return {
    store,
    inbox: () =>
      Object.fromEntries([...store.inbox].map(([path, { bytes }]) => [path, Buffer.from(bytes).toString()])),
    put: (path, content) => void store.inbox.set(path, { bytes: Buffer.from(content), mtimeMs: null }),
    mtimeMsOf: (path) => store.inbox.get(path)?.mtimeMs ?? null,
    cleanUp: async () => undefined,
  };
});
