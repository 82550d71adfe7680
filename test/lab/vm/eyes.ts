import { LINES } from './board.ts';
import type { Guest } from './guest.ts';

const EVERY_S = 0.02;

/** What was to be seen at one moment, all of it between two looks. */
export interface Sight {
  readonly atMs: number;
  readonly green: boolean;
  /** Mount points of cards below /media/imagetank: mounted read-only. */
  readonly cards: readonly string[];
  /** Something is on its way to a drive. */
  readonly incoming: boolean;
  /** Names of USB disks and their partitions that the kernel has, `sdb sdb1`. */
  readonly disks: readonly string[];
}

/**
 * One process that looks at light, mounts and drives together, without starting others: green is read first, so that a
 * mount seen with it was there while it was lit.
 */
const SCRIPT = `
shopt -s nullglob
mkfifo /run/lab-eyes; exec 9<>/run/lab-eyes; rm /run/lab-eyes
while :; do
  read -r green </run/lab-gpio/sim_gpio${LINES.green}/value
  cards=
  mapfile -t mounts </proc/1/mountinfo
  for mount in "\${mounts[@]}"; do
    case $mount in *' /media/imagetank/'*) set -- $mount; case $6 in ro,*) cards+=" $5";; esac;; esac
  done
  coming=(/media/imagetank/*/.imagetank/incoming/*)
  disks=(/sys/class/block/sd*)
  now="$green \${#coming[@]} \${disks[*]##*/} :$cards"
  [ "$now" = "$last" ] || echo "$now"
  last=$now
  read -r -t ${EVERY_S} -u 9
done`;

export class Eyes {
  readonly #guest: Guest;
  readonly #tag: string;

  private constructor(guest: Guest, tag: string) {
    this.#guest = guest;
    this.#tag = tag;
  }

  static async open(guest: Guest, tag = 'eyes'): Promise<Eyes> {
    await guest.launch(tag, ['bash', '-c', SCRIPT]);
    return new Eyes(guest, tag);
  }

  /** What they saw last: green. A busy guest may be seen by others to be green before. */
  get seeGreen(): boolean {
    return this.sights.at(-1)?.green === true;
  }

  /** Each change since it was opened. */
  get sights(): Sight[] {
    return this.#guest.lines
      .filter(({ tag }) => tag === this.#tag)
      .map(({ line, atMs }) => {
        const [words = '', mounts = ''] = line.split(':');
        const [green, coming, ...disks] = wordsOf(words);
        return { atMs, green: green === '1', incoming: Number(coming) > 0, disks, cards: wordsOf(mounts) };
      });
  }
}

const wordsOf = (text: string): string[] => text.split(' ').filter((word) => word !== '');
