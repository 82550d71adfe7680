import { BEEP_MS, type Buzzer, type Child } from '../../services/board/ports.ts';
import { buzzCommand, setCommand } from './commands.ts';
import type { GpioParts } from './gpio-leds.ts';

/** A buzzer on a plain line. It is set low after each beep, for a line keeps its last level on some kernels. */
export function createGpioBuzzer(parts: GpioParts, line: number): Buzzer {
  const { chips, lines, start, run, clock, warn } = parts;
  let sounding: Promise<void> | null = null;
  let told = false;
  let hush: () => void = () => undefined;

  const sound = async () => {
    const found = await chips.find();
    if (typeof found === 'string') return;
    await new Promise<void>((resolve) => {
      let killed = false;
      let child: Child | null = null;
      const end = () => {
        killed = true;
        child?.kill();
      };
      const disarm = clock.setTimer(BEEP_MS, end);
      hush = end;
      child = start(buzzCommand(found, line, lines.activeLow), {
        output: () => undefined,
        exit: (why) => {
          disarm();
          if (!killed && !told) warn(`buzzer: ${why}`);
          told ||= !killed;
          resolve();
        },
      });
    });
    await run(setCommand(found, lines.activeLow, [[line, 0]]));
  };

  return {
    beep() {
      sounding ??= sound().finally(() => {
        sounding = null;
      });
    },
    async stop() {
      hush();
      await sounding;
    },
  };
}
