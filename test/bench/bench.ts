/**
 * imagetank against `cp`, rsync and verified rsync on this machine: `npm run bench`, `-- --quick` for CI, `-- --json`
 * for programs, `-- --growth` for that part alone. Only ratios mean anything; nothing here fails because something was
 * slow, only because it was wrong.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countOf, flagsOf } from '../flags.ts';
import { again } from './again.ts';
import { firstTime } from './first-time.ts';
import { measureGallery } from './gallery.ts';
import { galleryTable } from './gallery-figures.ts';
import { FULL_GROWTH, growthRounds, QUICK_GROWTH } from './growth.ts';
import { type GrowthResult, growthOf, growthTable } from './growth-figures.ts';
import { measureLibrary } from './library.ts';
import { libraryTable } from './library-figures.ts';
import { isRoot } from './machine.ts';
import { measureMetadata } from './metadata.ts';
import { metadataTable } from './metadata-figures.ts';
import { measureNetwork } from './network.ts';
import { type NetworkResult, networkTable } from './network-figures.ts';
import { isInstalled, killChildren } from './processes.ts';
import { resultOf, type WorkloadResult } from './result.ts';
import { measureIdle } from './starts.ts';
import { table, targetTable } from './table.ts';
import { isMany, takeTurns } from './turns.ts';
import { undoAll, undoable } from './undo.ts';
import { FULL, needsRoot, QUICK, type Workload } from './workloads.ts';

/** `/tmp` is memory on many machines, and nothing can be verified from a medium there. */
const DISK = existsSync('/var/tmp') ? '/var/tmp' : tmpdir();

const HELP = `npm run bench -- [options]
  --quick         small sizes, for CI
  --growth        only the cost of a file against files on the card and photos in the catalogue
  --library       only questions about a library of 1,000,000 photos
  --gallery       only how smoothly the page scrolls through 10,000 photos (needs Chromium)
  --network       only what clients of the API cost a backup (needs root)
  --metadata      only what metadata adds to workload A (needs root)
  --only A,D      only these workloads
  --files N       so many files in each workload
  --runs N        so many interleaved runs of each
  --dir DIR       the disk that is measured (default ${DISK})
  --json          the last line is one JSON object
Example: npm run bench -- --only A,B --runs 3 --json`;

const flags = flagsOf({
  options: {
    help: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    /** Cost a file against files on the card and photos in the catalogue, and nothing else. */
    growth: { type: 'boolean', default: false },
    /** Questions about a large library, and nothing else. */
    library: { type: 'boolean', default: false },
    /** Frames of Chromium, and nothing else. */
    gallery: { type: 'boolean', default: false },
    /** Workload A beside nobody, 50 streams of events and 100 connections, and nothing else. */
    network: { type: 'boolean', default: false },
    /** Workload A with files whose metadata is asked, and with some of which it is not. */
    metadata: { type: 'boolean', default: false },
    /** Where the files go: the disk that is measured. */
    dir: { type: 'string', default: DISK },
    /** For example `A,D`: these workloads, and nothing else. */
    only: { type: 'string' },
    files: { type: 'string' },
    runs: { type: 'string' },
  },
});

/** One part alone. */
const isPart = flags.growth || flags.library || flags.metadata || flags.network || flags.gallery;

async function main(): Promise<void> {
  if (flags.help) {
    console.log(HELP);
    return;
  }
  const startMs = performance.now();
  const hasRsync = isInstalled('rsync');
  if (!hasRsync)
    say('rsync is not installed (apt install rsync): what is held against it counts as not reached');
  const root = mkdtempSync(join(flags.dir, 'imagetank-bench-'));
  undoable(() => rmSync(root, { recursive: true, force: true }));
  undoable(killChildren);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      undoAll();
      process.exit(130);
    });
  }
  try {
    const workloads: WorkloadResult[] = [];
    for (const workload of chosen()) workloads.push(...(await measure(workload, root, hasRsync)));
    // Told at once: what comes later may fail.
    if (workloads.length > 0) say(`\n${table(workloads)}`);
    const isAll = flags.only === undefined && !isPart;
    const growth = isAll || flags.growth ? await measureGrowth(root) : null;
    const library = isAll || flags.library ? await measureLibrary(root, libraryPhotos(), say) : null;
    const metadata = isAll || flags.metadata ? await measureMetadata(root, cardBound(), say) : null;
    const gallery = flags.gallery ? await measureGallery(root, galleryPhotos(), say) : null;
    const network = isAll || flags.network ? await networkPart(root) : null;
    const idle = isAll ? await measureIdle(root, flags.quick) : null;
    if (growth !== null) say(`\n${growthTable(growth)}`);
    if (library !== null) say(`\n${libraryTable(library)}`);
    if (metadata !== null) say(`\n${metadataTable(metadata)}`);
    if (gallery !== null) say(`\n${galleryTable(gallery)}`);
    if (network !== null) say(`\n${networkTable(network)}`);
    const others = [growth, library, metadata, gallery, network, idle].flatMap((result) => result ?? []);
    say(`\n${targetTable([...workloads, ...others])}`);
    say(
      '\nMedian (min–max) of the ratios, run by run; read × is what the daemon had the kernel fetch, as a multiple of',
    );
    say('the card. The whole command counts, starting the daemon does not.');
    const tookSeconds = Math.round((performance.now() - startMs) / 1000);
    say(`took ${tookSeconds} s`);
    if (flags.json)
      console.log(
        JSON.stringify({ workloads, growth, library, metadata, gallery, network, idle, tookSeconds }),
      );
  } finally {
    undoAll();
  }
}

async function measureGrowth(root: string): Promise<GrowthResult> {
  const folder = join(root, 'growth');
  mkdirSync(folder);
  return growthOf(await growthRounds(folder, flags.quick ? QUICK_GROWTH : FULL_GROWTH, say));
}

function chosen(): readonly Workload[] {
  if (isPart) return [];
  const ids = flags.only?.split(',');
  return (flags.quick ? QUICK : FULL).filter(({ id }) => ids?.includes(id) ?? true).map(asAsked);
}

const libraryPhotos = (): number => countOf('--files', flags.files) ?? (flags.quick ? 5000 : 1_000_000);

const galleryPhotos = (): number => countOf('--files', flags.files) ?? (flags.quick ? 1000 : 10_000);

/** Workload A, of as many files and runs as were asked for. */
function cardBound(): Workload {
  const sizes = (flags.quick ? QUICK : FULL).find(({ id }) => id === 'A');
  if (sizes === undefined) throw new Error('no workload A');
  return asAsked(sizes);
}

const asAsked = (workload: Workload): Workload => ({
  ...workload,
  files: countOf('--files', flags.files) ?? workload.files,
  runs: countOf('--runs', flags.runs) ?? workload.runs,
});

async function networkPart(root: string): Promise<NetworkResult | null> {
  if (isRoot()) return measureNetwork(root, cardBound(), say);
  say('network skipped: a throttled card needs root');
  return null;
}

/** Empty where this machine cannot do it; then a line says so. */
async function measure(workload: Workload, root: string, hasRsync: boolean): Promise<WorkloadResult[]> {
  if (needsRoot(workload) && !isRoot()) {
    say(`${workload.id} skipped: a throttled card or a volume with a UUID needs root`);
    return [];
  }
  const stage = { root: join(root, workload.id), workload, hasRsync };
  mkdirSync(stage.root);
  const scene = workload.newFiles === null ? firstTime(stage) : await again(stage);
  if (scene === null) {
    say(`${workload.id} skipped: this kernel throttles no reads (cgroup controller io or blkio)`);
    return [];
  }
  try {
    return [resultOf(workload, await takeTurns(scene, stage, say))];
  } finally {
    scene.remove();
    if (!isMany(workload)) rmSync(stage.root, { recursive: true, force: true });
  }
}

/** For people; with `--json` on standard error, so that the last line of the output is the answer. */
function say(text: string): void {
  if (flags.json) console.error(text);
  else console.log(text);
}

const unknown = flags.only?.split(',').filter((wanted) => !FULL.some(({ id }) => id === wanted)) ?? [];
if (unknown.length > 0) {
  console.error(`bench: no workload ${unknown.join(', ')}: ${FULL.map(({ id }) => id).join(', ')}`);
  process.exitCode = 64;
} else await main();
