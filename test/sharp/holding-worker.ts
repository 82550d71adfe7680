import { openBelow } from '../../adapters/fs/drive-file.ts';
import type { PictureRequest } from '../../adapters/sharp/messages.ts';
import { runTool } from '../../adapters/sharp/tools.ts';
import { READY } from '../../services/worker-ports.ts';

/** A child that opens a photo and hands it to a tool, neither of which ever comes to an end. */
process.on('message', ({ root, path }: PictureRequest) => {
  void openBelow(root, path).then(({ fd }) => runTool('sleep', ['600'], fd, 600_000));
});
process.send?.(READY);
