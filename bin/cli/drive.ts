import { escapeText } from '../../adapters/terminal/escape.ts';
import { renderDrives } from '../../adapters/terminal/render.ts';
import type { DriveStatus } from '../../services/shapes.ts';
import { type Action, withTarget } from './cli.ts';

export const list: Action = async (cli) => {
  const drives = await cli.client().get<readonly DriveStatus[]>('drives');
  cli.answer(drives, () => renderDrives(drives));
  if (drives.length === 0) cli.remark('no drive is attached');
  return 0;
};

/** Answers with the drive as it is afterwards. */
const change =
  (verb: 'adopt' | 'forget' | 'eject', done: string): Action =>
  async (cli, [word = ''], { force }) => {
    const body = verb === 'adopt' ? { force: force === true } : {};
    const drive = await withTarget(word, (target) =>
      cli.client().post<DriveStatus>(`drives/${verb}`, { target, ...body }),
    );
    cli.answer(drive, () => [
      `${done} ${escapeText(drive.label)}${drive.path === null ? '' : `, ${escapeText(drive.path)}`}`,
    ]);
    return 0;
  };

export const adopt = change('adopt', 'adopted');
export const forget = change('forget', 'forgot');
export const eject = change('eject', 'may be unplugged:');
