import { MemoryInbox } from '../../adapters/memory/memory-inbox.ts';
import { inboxStoreContract } from '../contracts/inbox-store.contract.ts';
import { driveAt } from '../fs/drives.ts';

inboxStoreContract('memory', async () => {
  const store = new MemoryInbox(driveAt('/drive'));
  return {
    store,
    write: (path, content) => store.write(path, content),
    link: (from, to) => store.link(from, to),
    delete: (path) => store.delete(path),
    files: () => store.files,
    removeInbox: () => {
      store.hasInbox = false;
    },
    cleanUp: async () => undefined,
  };
});
