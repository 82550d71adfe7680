import { readFileSync } from 'node:fs';
import { appendFile, chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What both versions of the fakes share. A line that a living process holds is busy, as in the kernel. */
const COMMON = `
fail() { echo "$tool: $1" >&2; exit 1; }
[ ! -e "$dir/broken" ] || fail "unable to request lines on chip"
known() { [ "$1" = gpiochip7 ] || fail "cannot find GPIO chip character device '$1'"; }
claim() { # offset
  holder=$(cat "$dir/held-$1" 2>/dev/null)
  [ -z "$holder" ] || [ "$holder" = $$ ] || ! grep -q '^State:.[^ZX]' "/proc/$holder/status" 2>/dev/null ||
    fail "Device or resource busy"
  echo $$ >"$dir/held-$1"
}
# A pin keeps its level when it is let go: the worst that a kernel does.
put() { echo $(($2 ^ low)) >"$dir/line-$1.new" && mv "$dir/line-$1.new" "$dir/line-$1"; }
set_all() { for pair; do claim "\${pair%=*}"; put "\${pair%=*}" "\${pair#*=}"; done; }
invert() { for pair; do put "\${pair%=*}" $((\${pair#*=} ^ flip)); done; }
`;

const GPIOSET: Readonly<Record<1 | 2, string>> = {
  1: `
mode=exit sec=0 usec=0 low=0
while :; do case $1 in
  --version) echo "gpioset (libgpiod) v1.6.3"; exit 0 ;;
  --active-low) low=1 ;;
  --mode=*) mode=\${1#--mode=} ;;
  --sec=*) sec=\${1#--sec=} ;;
  --usec=*) usec=\${1#--usec=} ;;
  -*) fail "unrecognized option '$1'" ;;
  *) break ;;
esac; shift; done
known "$1"; shift
[ $# -gt 0 ] || fail "at least one GPIO line offset to value mapping must be specified"
set_all "$@"
case $mode in
  exit) ;;
  time) exec sleep "$(printf '%d.%06d' "$sec" "$usec")" ;;
  signal) exec sleep 1000 ;;
  *) fail "invalid mode: $mode" ;;
esac`,
  2: `
chip= low=0 toggle=
while :; do case $1 in
  --version) echo "gpioset (libgpiod) v2.2.1"; exit 0 ;;
  -c) chip=$2; shift ;;
  --active-low) low=1 ;;
  --toggle) toggle=$2; shift ;;
  -*) fail "unrecognized option '$1'" ;;
  *) break ;;
esac; shift; done
known "$chip"
[ $# -gt 0 ] || fail "at least one GPIO line value must be specified"
set_all "$@"
[ "$toggle" != 0 ] || exit 0
[ -n "$toggle" ] || exec sleep 1000
flip=0
while :; do for period in $(echo "$toggle" | tr , ' '); do
  case $period in
    *ms) sleep "$(printf '%d.%03d' $((\${period%ms} / 1000)) $((\${period%ms} % 1000)))" ;;
    *us) sleep 0.01 ;;
    *) fail "invalid period: $period" ;;
  esac
  flip=$((1 - flip)); invert "$@"
done; done`,
};

const GPIOMON: Readonly<Record<1 | 2, string>> = {
  1: `
low=0
while :; do case $1 in
  --active-low|--line-buffered|--bias=pull-up|--bias=pull-down) ;;
  '--format=%e %s %n') ;;
  -*) fail "unrecognized option '$1'" ;;
  *) break ;;
esac; shift; done
known "$1"; claim "$2"`,
  2: `
chip=
while :; do case $1 in
  -c) chip=$2; shift ;;
  --active-low) ;;
  --bias|--edges) shift ;;
  --format) [ "$2" = '%E %S' ] || fail "no such format '$2'"; shift ;;
  -*) fail "unrecognized option '$1'" ;;
  *) break ;;
esac; shift; done
known "$chip"; claim "$1"`,
};

export interface FakeChipOptions {
  readonly version: 1 | 2;
  /** Default a Pi 4's. */
  readonly label?: string;
  /** Printed by gpioinfo for each line, default none. */
  readonly info?: string;
}

/** libgpiod's tools, of one version, on a PATH of their own, strict about their options; and the lines that they drive. */
export async function fakeTools({ version, label = 'pinctrl-bcm2711', info = '' }: FakeChipOptions) {
  const dir = await mkdtemp(join(tmpdir(), 'imagetank-gpiod-'));
  const bin = join(dir, 'bin');
  await mkdir(bin);
  const program = async (tool: string, body: string) => {
    const head = `#!/bin/sh\ntool=${tool} dir='${dir}'\necho "${tool} $*" >>"$dir/calls"\n`;
    await writeFile(join(bin, tool), `${head}${body}\n`);
    await chmod(join(bin, tool), 0o755);
  };
  await program('gpioset', COMMON + GPIOSET[version]);
  await program('gpiomon', `${COMMON}${GPIOMON[version]}\nexec tail -n +1 -f "$dir/edges"`);
  const full = version === 1 ? 'v1.6.3' : 'v2.2.1';
  const list = `gpiochip0 [raspberrypi-exp-gpio] (8 lines)\\ngpiochip7 [${label}] (58 lines)\\n`;
  await program(
    'gpiodetect',
    `[ "$1" = --version ] && { echo "gpiodetect (libgpiod) ${full}"; exit 0; }\n[ -e "$dir/no-chip" ] || printf '${list}'`,
  );
  const asked = version === 1 ? '$1' : '$2';
  await program('gpioinfo', `[ "${asked}" = gpiochip7 ] && cat "$dir/info"`);
  await writeFile(join(dir, 'info'), info);
  await writeFile(join(dir, 'edges'), '');
  await writeFile(join(dir, 'calls'), '');
  const level = (line: number) =>
    readFile(join(dir, `line-${line}`), 'utf8').then(
      (text) => Number(text),
      () => null,
    );
  return {
    dir,
    path: `${bin}:/usr/bin:/bin`,
    /** Null: never set. */
    level,
    calls: async () => (await readFile(join(dir, 'calls'), 'utf8')).split('\n').slice(0, -1),
    press: (text: string) => appendFile(join(dir, 'edges'), text),
    mark: (name: 'broken' | 'no-chip') => writeFile(join(dir, name), ''),
    unmark: (name: 'broken' | 'no-chip') => rm(join(dir, name)),
    /** Processes that hold a line now. */
    holders: async () => {
      const held = (await readdir(dir)).filter((name) => name.startsWith('held-'));
      const pids = await Promise.all(
        held.map(async (name) => Number(await readFile(join(dir, name), 'utf8'))),
      );
      return pids.filter((pid) => isAlive(pid));
    },
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}

/** A zombie holds nothing any more; in a container there may be nobody to bury it. */
function isAlive(pid: number): boolean {
  try {
    return pid > 0 && /^State:\s[^ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
