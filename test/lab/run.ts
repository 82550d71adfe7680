import { join } from 'node:path';
import { cacheDir, openCache } from './build/cache.ts';
import { alone } from './build/lock.ts';
import { buildParts } from './build/parts.ts';
import { lookAtHost } from './host.ts';
import { killChildren } from './process.ts';
import { Vm } from './vm/vm.ts';
import { machineFolders } from './vm/machines.ts';
import { blank } from './images/blank.ts';

export async function main(argv: string[], { project, bundle }: { project: string; bundle: string }): Promise<number> {
  process.once('exit', killChildren);
  const look = lookAtHost();
  if ('missing' in look) { console.log(look.missing); return 0; }
  const say = (t: string) => console.log(t);
  const cache = openCache(cacheDir(), say);
  const parts = await alone(join(cache.dir, 'lock'), () => say('waiting'), () => buildParts(cache, look.host, { project, agent: join(bundle, 'agent.mjs') }));
  console.log(parts);
  const dir = machineFolders(cache.dir).make();
  blank(join(dir, 'p.img'), 96 << 20); blank(join(dir, 's.img'), 64 << 20);
  const vm = new Vm({ dir, ...parts, program: join(dir, 'p.img'), state: join(dir, 's.img') });
  let t = performance.now();
  await vm.boot();
  console.log('boot', performance.now() - t);
  console.log(await vm.guest.sh('systemctl is-system-running --wait; systemctl --failed; free -m; ps aux --sort=-rss | head -20; systemd-analyze; cat /proc/uptime').catch(String));
  console.log('running', performance.now() - t);
  t = performance.now();
  console.log(await vm.guest.sh('sh /usr/lib/lab/gpio-chip.sh; modprobe lab-board; gpiodetect; gpioinfo | head -30; ls /sys/class/leds; cat /proc/bus/input/devices').catch(String));
  console.log(performance.now() - t);
  await vm.kill();
  return 0;
}
