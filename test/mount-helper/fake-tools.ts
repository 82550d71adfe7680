/** `mount`, `umount`, `blkid` and `stat` over files, so that the whole script runs without root. */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyScript, type FakeDisk, plug } from './script.ts';

// A line as in proc_pid_mountinfo(5); each call is one line of `calls`.
const MOUNT = `#!/bin/sh
dir=DIR
echo "mount $*" >>"$dir/calls"
if [ -e "$dir/mount-says" ]; then cat "$dir/mount-says"; exit 32; fi
while [ $# -gt 2 ]; do
  case $1 in -t) type=$2 ;; -o) options=$2 ;; esac
  shift
done
case $options in remount,*) exit 0 ;; esac
number=$(cat "$dir/sys/class/block/\${1##*/}/dev")
if [ -e "$dir/comes-out-read-only" ]; then options=ro; fi
if [ -e "$dir/swap-while-mounting" ]; then echo 99 >"$(readlink -f "$dir/sys/class/block/\${1##*/}")/../diskseq"; fi
exec flock "$dir/calls" sh -c 'printf "%s\\n" "$1" >>"$2"' sh "30 1 $number / $2 $options shared:1 - $type $1 \${options%%,*}" "$dir/proc/self/mountinfo"
`;

const UMOUNT = `#!/bin/sh
dir=DIR
echo "umount $*" >>"$dir/calls"
case " $* " in *" -l "*) ;; *) if [ -e "$dir/busy" ]; then echo 'umount: target is busy.'; exit 32; fi ;; esac
for point; do :; done
exec flock "$dir/calls" awk -v p="$point" -v f="$dir/proc/self/mountinfo" '
  BEGIN { while ((getline line < f) > 0) { lines[++n] = line; split(line, w, " "); if (w[5] == p) last = n }
    close(f); if (!last) exit 32
    printf "" > f; for (i = 1; i <= n; i++) if (i != last) print lines[i] > f }'
`;

/** What a node is and what is on it stand in files beside it. */
const STAT = `#!/bin/sh
for node; do :; done
exec cat "$node.is"
`;

const BLKID = `#!/bin/sh
for node; do :; done
if [ -e "$node.status" ]; then exit "$(cat "$node.status")"; fi
cat "$node.type" || exit 2
`;

export interface FakeMachine {
  readonly dir: string;
  readonly script: string;
  /** A volume is in its slot. */
  insert(disk: FakeDisk, fileSystem?: string): void;
  /** Lines of mountinfo beside those of our own mounts. */
  mounted(...lines: readonly string[]): void;
  /** `read-only`, `read-write` or null. */
  mode(name: string): 'read-only' | 'read-write' | null;
  /** What was called, in order. */
  calls(): readonly string[];
}

const TOOLS = {
  mount: MOUNT,
  umount: UMOUNT,
  stat: STAT,
  blkid: BLKID,
  sync: '#!/bin/sh\necho "sync $*" >>DIR/calls\n[ ! -e DIR/sync-fails ]\n',
};

export function fakeMachine(dir: string, constants: Readonly<Record<string, string>> = {}): FakeMachine {
  const tools = join(dir, 'tools');
  for (const folder of ['proc/self', 'dev', 'tools']) mkdirSync(join(dir, folder), { recursive: true });
  for (const [name, text] of Object.entries(TOOLS)) {
    writeFileSync(join(tools, name), text.replaceAll('DIR', dir));
    chmodSync(join(tools, name), 0o755);
  }
  const mountinfo = join(dir, 'proc/self/mountinfo');
  writeFileSync(mountinfo, '20 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n');
  writeFileSync(join(dir, 'proc/swaps'), 'Filename\tType\tSize\tUsed\tPriority\n');
  writeFileSync(join(dir, 'proc/cmdline'), 'quiet\n');
  writeFileSync(join(dir, 'calls'), '');
  const script = copyScript({
    dir,
    tools,
    constants: { PROC: join(dir, 'proc'), DEV: join(dir, 'dev'), ...constants },
  });
  return {
    dir,
    script,
    insert(disk, fileSystem = 'vfat') {
      plug(dir, disk);
      const node = join(dir, 'dev', disk.name);
      const [major, minor] = disk.number.split(':').map((part) => Number(part).toString(16));
      // A superblock that says: let go of.
      const superblock = Buffer.alloc(4096);
      superblock.writeUInt16LE(1, 1024 + 58);
      writeFileSync(node, superblock);
      writeFileSync(`${node}.is`, `block special file:${major}:${minor}\n`);
      writeFileSync(`${node}.type`, `${fileSystem}\n`);
    },
    mounted(...lines) {
      writeFileSync(mountinfo, lines.map((line) => `${line}\n`).join(''), { flag: 'a' });
    },
    mode(name) {
      const point = join(dir, 'media/imagetank', name);
      const line = readFileSync(mountinfo, 'utf8')
        .split('\n')
        .map((one) => one.split(' '))
        .findLast((fields) => fields[4] === point);
      if (line === undefined) return null;
      return line[5]?.startsWith('rw') ? 'read-write' : 'read-only';
    },
    calls: () => readFileSync(join(dir, 'calls'), 'utf8').split('\n').slice(0, -1),
  };
}
