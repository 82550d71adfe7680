import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { BenchDaemon } from './daemon.ts';
import { makeCard } from './first-time.ts';
import { freePort } from './free-port.ts';
import { backUp } from './imagetank.ts';
import { settle } from './machine.ts';
import {
  CLIENTS,
  type ClientReport,
  type NetworkMeasured,
  type NetworkResult,
  type NetworkRun,
  networkOf,
} from './network-figures.ts';
import { follow } from './processes.ts';
import type { Workload } from './workloads.ts';

/** Beside this file once it is bundled into `.build/`. */
const CHILD = fileURLToPath(new URL('./network-child.js', import.meta.url));
const ASKED = 300;
/** Slower than the pace that the server keeps with each client. */
const ASK_EVERY_MS = 20;

interface Door {
  readonly port: number;
  readonly token: string;
}

/** The same backup with nobody on the network, with 50 streams, under load and beside an upload, by turns. Null where the card cannot be made. */
export async function measureNetwork(
  root: string,
  workload: Workload,
  say: (text: string) => void,
): Promise<NetworkResult | null> {
  const folder = join(root, 'network');
  mkdirSync(folder);
  const made = makeCard(folder, workload);
  if (made === null) {
    say('network skipped: this kernel throttles no reads (cgroup controller io or blkio)');
    return null;
  }
  try {
    const statusTimes = await withDaemon(folder, (_daemon, door) => askStatus(door));
    const runs: NetworkRun[] = [];
    for (let number = 0; number < workload.runs; number += 1) {
      const run: Partial<Record<keyof NetworkRun, NetworkMeasured>> = {};
      // Each begins once: none always follows the same one.
      for (const [at] of CLIENTS.entries()) {
        const who = CLIENTS[(number + at) % CLIENTS.length] ?? 'nobody';
        run[who] = await withDaemon(folder, (daemon, door) =>
          underClients(daemon, door, { ...made, folder, who, workload }),
        );
      }
      const whole = run as NetworkRun;
      const words = CLIENTS.map((who) => `${who} ${whole[who].tookMs.toFixed(0)} ms`).join(', ');
      say(`network run ${number + 1} of ${workload.runs}: ${words}`);
      runs.push(whole);
    }
    return networkOf(statusTimes, runs);
  } finally {
    made.remove();
  }
}

interface Turn {
  readonly folder: string;
  readonly card: string;
  readonly who: keyof NetworkRun;
  readonly workload: Workload;
}

async function underClients(
  daemon: BenchDaemon,
  door: Door,
  { folder, card, who, workload }: Turn,
): Promise<NetworkMeasured> {
  const drive = join(folder, 'drive');
  mkdirSync(drive);
  let clients: Clients | null = null;
  try {
    await daemon.command('drive', 'adopt', drive);
    await settle();
    clients = who === 'nobody' ? null : await come(who, door);
    const { files, fileBytes } = workload;
    const work = { card, drives: [drive], copied: files, known: 0, bytes: files * fileBytes };
    const { tookMs, cpuSeconds, ledErrorsMs } = await backUp(daemon, work);
    return { tookMs, cpuSeconds, ledErrorsMs, clients: (await clients?.leave()) ?? null };
  } finally {
    await clients?.end();
    rmSync(drive, { recursive: true, force: true });
  }
}

interface Clients {
  /** What they saw. */
  leave(): Promise<ClientReport>;
  end(): Promise<void>;
}

/** They are there when it resolves. */
async function come(mode: Exclude<keyof NetworkRun, 'nobody'>, { port, token }: Door): Promise<Clients> {
  const child = follow(
    spawn(process.execPath, [CHILD, mode, String(port), token], { stdio: ['pipe', 'pipe', 'inherit'] }),
  );
  const lines = createInterface({ input: child.stdout ?? process.stdin })[Symbol.asyncIterator]();
  await lines.next();
  return {
    async leave() {
      child.stdin?.end();
      const { value } = await lines.next();
      return JSON.parse(String(value)) as ClientReport;
    },
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

async function withDaemon<Result>(
  folder: string,
  use: (daemon: BenchDaemon, door: Door) => Promise<Result>,
): Promise<Result> {
  const state = join(folder, 'state');
  const port = await freePort();
  const daemon = await BenchDaemon.start(state, { probe: true, port });
  try {
    const { out } = await daemon.command('pair', 'token', '--name', 'bench', '--json');
    return await use(daemon, { port, ...(JSON.parse(out) as { token: string }) });
  } finally {
    await daemon.stop();
    rmSync(state, { recursive: true, force: true });
  }
}

/** How long each of so many took, in ms, over one connection. */
async function askStatus({ port, token }: Door): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const headers = { authorization: `Bearer ${token}` };
  const times: number[] = [];
  for (let asked = 0; asked < ASKED; asked += 1) {
    const startMs = performance.now();
    const sent = request({ host: '127.0.0.1', port, path: '/api/v1/status', headers, agent }).end();
    const [response] = await once(sent, 'response');
    await once(response.resume(), 'end');
    times.push(performance.now() - startMs);
    await sleep(ASK_EVERY_MS);
  }
  agent.destroy();
  return times;
}
