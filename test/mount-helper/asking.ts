import { type FakeMachine, fakeMachine } from './fake-tools.ts';
import { type FakeDisk, request } from './script.ts';

/** A card in a USB reader. */
export const USB: FakeDisk = { name: 'sda1', disk: 'sda', number: '8:1' };

export function machineWith(dir: string, disk: FakeDisk = USB, fileSystem = 'vfat'): FakeMachine {
  const machine = fakeMachine(dir);
  machine.insert(disk, fileSystem);
  return machine;
}

/** The answer without its newline; paths are as they would be on a real machine. */
export const ask = async (machine: FakeMachine, line: string): Promise<string> =>
  (await request([machine.script], `${line}\n`)).replaceAll(machine.dir, '').trimEnd();
