import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Kernel } from '../host.ts';
import { run } from '../process.ts';
import { download } from './kernel.ts';

const SOURCES = ['drivers/gpio/gpio-sim.c', 'drivers/gpio/gpiolib.h', 'kernel/irq/irq_sim.c'] as const;
export const BOARD_MODULES = ['gpio-sim.ko', 'lab-board.ko'] as const;

/** Three files out of Debian's package of the kernel's source; it is never unpacked as a whole (1.3 GB). */
export async function fetchSources(kernel: Kernel, dir: string): Promise<void> {
  const name = `linux-source-${kernel.series}`;
  const deb = await download(name, kernel.packageVersion, dir);
  const archive = `${name}.tar.xz`;
  await run('dpkg-deb', ['--fsys-tarfile', deb], { cwd: dir, outputFile: join(dir, 'package.tar') });
  rmSync(deb);
  await run('tar', ['-xf', 'package.tar', '--strip-components=3', `./usr/src/${archive}`], { cwd: dir });
  rmSync(join(dir, 'package.tar'));
  // --occurrence ends the reading when all three were found.
  const members = SOURCES.map((file) => `${name}/${file}`);
  await run('tar', ['-xf', archive, '--occurrence=1', '--strip-components=1', ...members], { cwd: dir });
  rmSync(join(dir, archive));
}

/** Leaves the two modules, without what only a debugger reads. */
export async function buildBoard(kernel: Kernel, sources: string, guest: string, dir: string): Promise<void> {
  const work = join(dir, 'work');
  mkdirSync(work);
  for (const file of ['Kbuild', 'lab-board.c']) cpSync(join(guest, 'board', file), join(work, file));
  const [gpioSim, gpiolib, irqSim] = SOURCES;
  cpSync(join(sources, gpioSim), join(work, 'gpio-sim-main.c'));
  cpSync(join(sources, gpiolib), join(work, 'gpiolib.h'));
  // irq_to_desc() is not exported to modules; this is what its result is used for.
  const irq = readFileSync(join(sources, irqSim), 'utf8');
  const patched = irq.replace('handle_simple_irq(irq_to_desc(irqnum))', 'generic_handle_irq(irqnum)');
  if (patched === irq) throw new Error(`${irqSim} of ${kernel.packageVersion} is not as expected`);
  writeFileSync(join(work, 'irq_sim.c'), patched);
  await run('make', ['-s', '-C', `/lib/modules/${kernel.release}/build`, `M=${work}`, 'modules']);
  for (const module of BOARD_MODULES) {
    await run('strip', ['--strip-debug', join(work, module)]);
    renameSync(join(work, module), join(dir, module));
  }
  rmSync(work, { recursive: true });
}
