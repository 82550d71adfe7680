/**
 * imagetank against `cp` and verified rsync on this machine: `npm run bench`, `-- --quick` for CI, `-- --json` for
 * programs. Contenders take turns inside each run, so that what else the machine does hits all of them. Only ratios
 * mean anything; nothing here fails because something was slow.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { copy, type ImagetankMeasured, imagetank, inFolder, verifiedRsync } from './contenders.ts';
import { median, percentile, ratios, table, type WorkloadResult } from './figures.ts';
import { isInstalled, killChildren, prepareSource } from './machine.ts';
import { idleCpuPercent, startToReady, statusRatio } from './starts.ts';
import { FULL, makeCard, QUICK, type Workload } from './workloads.ts';

/** `/tmp` is memory on many machines, and nothing can be verified from a medium there. */
const DISK = existsSync('/var/tmp') ? '/var/tmp' : tmpdir();

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    /** Where the files go: the disk that is measured. */
    dir: { type: 'string', default: DISK },
    /** For example `A,D`. */
    only: { type: 'string' },
    files: { type: 'string' },
    runs: { type: 'string' },
  },
});

async function main(): Promise<void> {
  const rsync = isInstalled('rsync');
  if (!rsync) say('rsync is not installed (apt install rsync): its column stays empty');
  const root = mkdtempSync(join(flags.dir, 'imagetank-bench-'));
  const clear = (): void => rmSync(root, { recursive: true, force: true });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      killChildren();
      clear();
      process.exit(130);
    });
  }
  try {
    const workloads: WorkloadResult[] = [];
    for (const workload of chosen()) workloads.push(await measure(workload, root, rsync));
    const starts = flags.quick ? 3 : 5;
    const startToReadyMs = await startToReady(root, starts);
    const status = await statusRatio(root, flags.quick ? 5 : 15);
    const idlePercent = await idleCpuPercent(root, flags.quick ? 20 : 60);
    say(`\n${table(workloads)}`);
    say(
      `\nMedian (min–max) of the ratios; read × is what the device gave during a backup, as a multiple of the card's`,
    );
    say(
      `bytes (verifying alone is 1, a cold source makes it 2); RSS is the daemon's peak, with the probe in it.`,
    );
    say(`start to ready ${startToReadyMs.toFixed(0)} ms; imagetank status ${status.toFixed(2)} × node -e 0`);
    say(`idle: ${idlePercent.toFixed(2)} % of one core (aim: at most 0.5 %)`);
    if (flags.json)
      console.log(JSON.stringify({ workloads, startToReadyMs, statusRatio: status, idlePercent }));
  } finally {
    killChildren();
    clear();
  }
}

function chosen(): readonly Workload[] {
  const ids = flags.only?.split(',');
  return (flags.quick ? QUICK : FULL)
    .filter(({ id }) => ids?.includes(id) ?? true)
    .map((workload) => ({
      ...workload,
      files: Number(flags.files ?? workload.files),
      runs: Number(flags.runs ?? workload.runs),
    }));
}

async function measure(workload: Workload, root: string, withRsync: boolean): Promise<WorkloadResult> {
  const card = join(root, 'card');
  mkdirSync(card);
  try {
    makeCard(card, workload);
    return result(workload, await takeTurns(workload, card, root, withRsync));
  } finally {
    rmSync(card, { recursive: true, force: true });
  }
}

interface Times {
  readonly cp: number[];
  readonly rsync: number[];
  readonly ours: ImagetankMeasured[];
}

async function takeTurns(workload: Workload, card: string, root: string, withRsync: boolean): Promise<Times> {
  const times: Times = { cp: [], rsync: [], ours: [] };
  const turns = [
    async () => times.cp.push((await inFolder(root, 'cp', (to) => copy(card, to))).tookMs),
    async () => times.ours.push(await inFolder(root, 'drive', (to) => imagetank(card, to, workload))),
    async () => {
      if (withRsync)
        times.rsync.push((await inFolder(root, 'rsync', (to) => verifiedRsync(card, to))).tookMs);
    },
  ];
  for (let run = 0; run < workload.runs; run += 1) {
    // Each begins once: none always follows the same one.
    const first = run % turns.length;
    for (const turn of [...turns.slice(first), ...turns.slice(0, first)]) {
      await prepareSource(card, workload.source);
      await turn();
    }
    const [cp, ours, rsync] = [times.cp.at(-1), times.ours.at(-1)?.tookMs, times.rsync.at(-1)];
    say(
      `${workload.id} run ${run + 1} of ${workload.runs}: cp ${ms(cp)}, imagetank ${ms(ours)}, rsync ${ms(rsync)}`,
    );
  }
  return times;
}

function result({ id, title, files, fileBytes }: Workload, { cp, rsync, ours }: Times): WorkloadResult {
  const tookMs = ours.map((run) => run.tookMs);
  const late = ours.flatMap((run) => run.ledErrorsMs);
  const read = ours.flatMap((run) => (run.deviceReadBytes === null ? [] : [run.deviceReadBytes]));
  return {
    id,
    title,
    files,
    bytes: files * fileBytes,
    medianMs: {
      imagetank: median(tookMs),
      cp: median(cp),
      verifiedRsync: rsync.length === 0 ? null : median(rsync),
    },
    ratioToCp: ratios(tookMs, cp),
    ratioToVerifiedRsync: rsync.length === 0 ? null : ratios(tookMs, rsync),
    rssBytes: Math.max(...ours.map((run) => run.rssBytes)),
    idleRssBytes: median(ours.map((run) => run.idleRssBytes)),
    loopDelayP99Ms: median(ours.map((run) => run.loopDelayP99Ms)),
    ledTimerErrorP99Ms: late.length === 0 ? null : percentile(late, 0.99),
    deviceReadBytes: read.length === 0 ? null : median(read),
    target: null,
    ok: null,
  };
}

const ms = (value: number | undefined): string => (value === undefined ? '–' : `${value.toFixed(0)} ms`);

/** For people; with `--json` on standard error, so that the last line of the output is the answer. */
function say(text: string): void {
  if (flags.json) console.error(text);
  else console.log(text);
}

await main();
