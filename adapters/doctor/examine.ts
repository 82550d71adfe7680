import { dirname } from 'node:path';
import type { BoardChoice } from '../../services/board/choice.ts';
import type { ConfigProblem, LoadedConfig } from '../../services/config/layers.ts';
import type { Places } from '../../services/config/places.ts';
import { ConfigSchema } from '../../services/config/schema.ts';
import { examineNetwork, type NetworkState } from './network.ts';
import { examinePictures } from './pictures.ts';
import type { Probes } from './probes.ts';
import { examineService, type FileState } from './service.ts';

/** `engines` of package.json. */
const MIN_NODE = [20, 19] as const;
/** The journal of 100,000 photos takes about 50 MB; a full state disk is error 9. */
const MIN_FREE_BYTES = 200e6;
const GROUP = 'imagetank';

export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly found: string;
  /** What to do, one line; null when there is nothing to do. */
  readonly fix: string | null;
}

export interface Circumstances {
  readonly config: LoadedConfig | { readonly problems: readonly ConfigProblem[] };
  readonly places: Places;
  /** The files of the service on this machine; why that cannot be told. */
  readonly service: readonly FileState[] | { readonly problem: string };
  /** The board that the service would use; null when the configuration cannot be read. */
  readonly board: BoardChoice | null;
  readonly network: NetworkState;
}

/** Everything that imagetank needs on a machine, each with its fix. Changes nothing. */
export async function examine(probes: Probes, around: Circumstances): Promise<readonly Check[]> {
  const { places } = around;
  return [
    { name: 'machine', ok: true, found: (await probes.machine()) ?? 'unknown', fix: null },
    checkNode(probes.nodeVersion),
    await checkProgram(probes, 'lsblk', 'util-linux'),
    await checkProgram(probes, 'sync', 'coreutils'),
    await checkExiftool(probes),
    ...(hasPort(around.config) ? examinePictures(probes) : []),
    checkSqlite(probes),
    checkConfig(around.config),
    ...checkRoots(probes, around.config),
    checkState(probes, places.stateDir),
    checkSpace(probes, places.stateDir),
    ...(await examineNetwork(probes, around)),
    checkGroup(probes),
    await checkSocket(probes, places.socketPath),
    ...(await checkService(probes, around)),
  ];
}

async function checkService(probes: Probes, { service, board }: Circumstances): Promise<readonly Check[]> {
  if (!('problem' in service)) return examineService(probes, service, board);
  return [{ name: 'service', ok: false, found: service.problem, fix: 'install imagetank again' }];
}

const hasPort = (config: Circumstances['config']) => 'config' in config && config.config.port !== null;

function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const ok = major > MIN_NODE[0] || (major === MIN_NODE[0] && minor >= MIN_NODE[1]);
  return { name: 'node', ok, found: version, fix: `install Node.js ${MIN_NODE.join('.')} or later` };
}

async function checkProgram(probes: Probes, name: string, pack: string): Promise<Check> {
  const version = await probes.program(name, ['--version']);
  return { name, ok: version !== null, found: version ?? 'not found', fix: `sudo apt install ${pack}` };
}

/** `-config ''`: whoever asks for a version does not want a configuration, which is a program, to be run. */
async function checkExiftool(probes: Probes): Promise<Check> {
  const version = await probes.program('exiftool', ['-config', '', '-ver']);
  const without = 'exiftool is missing: HEIC, CR3 and other raw files, and videos go by the time of the file';
  const fix = 'sudo apt install libimage-exiftool-perl';
  return { name: 'exiftool', ok: version !== null, found: version ?? without, fix };
}

function checkSqlite(probes: Probes): Check {
  const problem = probes.sqliteProblem();
  const fix = 'run npm ci in the folder of imagetank';
  return { name: 'sqlite', ok: problem === null, found: problem ?? 'loads', fix };
}

function checkConfig(config: Circumstances['config']): Check {
  const [first] = 'problems' in config ? config.problems : [];
  if (first === undefined) return { name: 'configuration', ok: true, found: 'good', fix: null };
  return { name: 'configuration', ok: false, found: `${first.what}, ${first.where}`, fix: first.hint };
}

/** Of the default roots a machine has one or the other; a root that somebody wrote down must be there. */
function checkRoots(probes: Probes, config: Circumstances['config']): Check[] {
  const known = 'problems' in config ? null : config;
  const roots = known?.config.roots ?? ConfigSchema.parse({}).roots;
  const written = known !== null && known.sources.roots !== 'default';
  const some = roots.some((root) => probes.exists(root));
  return roots.map((root) => {
    const there = probes.exists(root);
    const found = there ? root : `${root} does not exist`;
    return { name: 'root', ok: there || (some && !written), found, fix: `make it: sudo mkdir -p ${root}` };
  });
}

function checkState(probes: Probes, stateDir: string): Check {
  const there = probes.exists(stateDir);
  let at = stateDir;
  while (!probes.exists(at) && dirname(at) !== at) at = dirname(at);
  const ok = probes.writable(at);
  const what = there ? '' : ' (made at the first start)';
  return {
    name: 'state folder',
    ok,
    found: ok ? `${stateDir}${what}` : `${at} is not writable`,
    fix: `give yourself ${stateDir} or choose another: --state DIR`,
  };
}

function checkSpace(probes: Probes, stateDir: string): Check {
  const free = probes.freeBytes(stateDir);
  const found = free === null ? 'unknown' : `${Math.floor(free / 1e6)} MB free`;
  const fix = `free some space: the journal wants ${MIN_FREE_BYTES / 1e6} MB on the disk of ${stateDir}`;
  return { name: 'state disk', ok: free === null || free >= MIN_FREE_BYTES, found, fix };
}

function checkGroup(probes: Probes): Check {
  const member = probes.inGroup(GROUP);
  const found = member === null ? 'no service installed' : member ? 'member' : 'not a member';
  const fix = `sudo usermod -aG ${GROUP} "$USER", then log in again`;
  return { name: `group ${GROUP}`, ok: member !== false, found, fix };
}

/** A daemon that does not run is no fault of the machine: `doctor` is asked before the first start. */
async function checkSocket(probes: Probes, path: string): Promise<Check> {
  const answer = await probes.socket(path);
  const found = {
    answers: 'the daemon runs',
    nobody: 'the daemon does not run',
    'not-permitted': 'not permitted',
  };
  return {
    name: 'socket',
    ok: answer !== 'not-permitted',
    found: `${found[answer]}, ${path}`,
    fix: `sudo usermod -aG ${GROUP} "$USER", then log in again`,
  };
}
