import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openDriveStore } from '../../adapters/fs/drive-store.ts';
import { driveStoreContract } from '../contracts/drive-store.contract.ts';
import { adoptFolder, behindTheBack } from './drives.ts';
import { useCleaner } from './folders.ts';

const clean = useCleaner();

driveStoreContract('folder', async () => {
  const root = join(await clean.folder(), 'drive');
  await mkdir(root);
  const store = await openDriveStore(await adoptFolder(root));
  return { store, ...behindTheBack(root), cleanUp: async () => undefined };
});
