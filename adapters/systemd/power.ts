import type { PowerSwitch } from '../../services/ports.ts';
import { type Run, run as runProgram } from './run.ts';

/** logind answers when the job is queued; it does not wait for the end of the machine. */
const POWER_DEADLINE_MS = 30_000;
const QUESTION_DEADLINE_MS = 3000;
/** Answers of `systemctl is-system-running` of a machine that is not going down (systemctl(1)). */
const STAYS_UP = ['initializing', 'starting', 'running', 'degraded', 'maintenance'];

export interface MachinePower extends PowerSwitch {
  /** True while the machine shuts down, and when nobody can tell: lights that promise less are safer. */
  goingDown(): Promise<boolean>;
}

/** The machine's switch, through systemctl and logind; polkit grants it to the service's user. `end` throws when refused. */
export function createMachinePower(run: Run = runProgram): MachinePower {
  return {
    async end(action) {
      if (action === 'stop') return;
      const args = ['--no-ask-password', action];
      const { ok, text } = await run('systemctl', args, { deadlineMs: POWER_DEADLINE_MS });
      if (!ok) throw new Error(`systemctl ${action}: ${text}`);
    },
    async goingDown() {
      const { text } = await run('systemctl', ['is-system-running'], { deadlineMs: QUESTION_DEADLINE_MS });
      return !STAYS_UP.includes(text);
    },
  };
}
