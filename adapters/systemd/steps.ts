import { UserError } from '../../services/errors.ts';
import { type Run, run as runProgram } from './run.ts';

/** The service's own limit for a start is longer, but `--no-block` is used there. */
const STEP_DEADLINE_MS = 120_000;
const UNITS = ['imagetank-mount.socket', 'imagetank.socket', 'imagetank.service'];

export interface Step {
  readonly command: readonly [string, ...string[]];
  /** False: a machine can do without, and a remark is enough. */
  readonly needed: boolean;
}

const needed = (...command: [string, ...string[]]): Step => ({ command, needed: true });
const wished = (...command: [string, ...string[]]): Step => ({ command, needed: false });

/** On the running machine, in order. `restart`: files changed, so what runs by the old ones is started anew. */
export function liveSteps(restart: boolean): readonly Step[] {
  return [
    needed('systemd-sysusers', 'imagetank.conf'),
    needed('systemd-tmpfiles', '--create', 'imagetank.conf'),
    wished('udevadm', 'control', '--reload'),
    wished('udevadm', 'trigger', '--action=add', '--subsystem-match=leds'),
    wished('udevadm', 'trigger', '--action=change', '--subsystem-match=input', '--subsystem-match=gpio'),
    needed('systemctl', 'daemon-reload'),
    needed('systemctl', 'enable', ...UNITS),
    needed('systemctl', restart ? 'restart' : 'start', ...UNITS),
  ];
}

/** In an image that does not run. */
export function imageSteps(root: string): readonly Step[] {
  return [
    needed('systemd-sysusers', `--root=${root}`, 'imagetank.conf'),
    needed('systemctl', `--root=${root}`, 'enable', ...UNITS),
  ];
}

/** Takes everything out again; state folder and user stay: photos on drives belong to that user. */
export function removalSteps(root: string | null): { before: readonly Step[]; after: readonly Step[] } {
  if (root !== null)
    return { before: [wished('systemctl', `--root=${root}`, 'disable', ...UNITS)], after: [] };
  return {
    before: [wished('systemctl', 'disable', '--now', ...UNITS.toReversed())],
    after: [wished('systemctl', 'daemon-reload'), wished('udevadm', 'control', '--reload')],
  };
}

/** One after the other; throws `UserError` 74 at the first needed one that fails. */
export async function runSteps(
  steps: readonly Step[],
  remark: (text: string) => void,
  run: Run = runProgram,
): Promise<void> {
  for (const { command, needed: must } of steps) {
    const [file, ...args] = command;
    remark(command.join(' '));
    const { ok, text } = await run(file, args, { deadlineMs: STEP_DEADLINE_MS });
    if (ok) continue;
    const why = text.split('\n').at(-1) ?? '';
    if (must) {
      const hint = 'mend that and run imagetank setup service again';
      throw new UserError('step-failed', 74, `${command.join(' ')}: ${why}`, hint);
    }
    remark(`not done, and not needed everywhere: ${why}`);
  }
}
