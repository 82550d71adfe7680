import { type IncomingMessage, request } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createHttpServer, type HttpServer } from '../../../adapters/http/server.ts';
import { createSystemClock } from '../../../adapters/node/system-clock.ts';
import type { Composition } from '../../../bin/composition.ts';
import { Box, until } from '../../recordings/box.ts';
import { Fuzz, type Route, type Status } from '../http-fuzz.ts';
import { treeOf } from '../judge.ts';
import { Chance } from '../random.ts';
import { Score, type Stage } from '../stage.ts';

const SHORT_REQUESTS = 10_000;
const FULL_REQUESTS = 100_000;
const CLIENTS = 8;
/** `threats.md`. Only told: beside eight clients in one process nothing is to be blamed for it. */
const STALL_MS = 200;

type Schema = Readonly<Record<string, unknown>>;

/** Anything that a network can send: no crash, no answer that blames the box, no photo touched. */
export const stage: Stage = {
  name: 'http',
  run: async ({ full, seed, print }) => {
    const score = new Score(print);
    const box = new Box();
    const drive = box.drive('drive');
    // What people do over the network is there where a port is.
    const running = await box.start(drive, {}, { port: 8080 });
    const server = serve(running);
    const port = await server.listenPort(0);
    try {
      await backedUp(box, running);
      const before = treeOf(drive, ['Photos']);
      const fuzz = new Fuzz(port, await tokensOf(running), new Chance(seed), await routesOf(port, running));
      const answers = new Map<Status, number>();
      const delay = monitorEventLoopDelay({ resolution: 10 });
      delay.enable();
      const each = Math.ceil((full ? FULL_REQUESTS : SHORT_REQUESTS) / CLIENTS);
      await Promise.all(Array.from({ length: CLIENTS }, () => askMany(fuzz, each, score, answers)));
      const seen = [...answers].sort(([, one], [, other]) => other - one);
      print(`  ${seen.map(([status, count]) => `${status ?? 'hung up'} ${count}`).join(', ')}`);
      // Requests of which none is understood reach nothing.
      if ((answers.get(200) ?? 0) === 0) score.note('wrong', 'nothing was ever answered');
      const stallMs = delay.max / 1e6;
      print(`  longest stall ${stallMs.toFixed(0)} ms${stallMs > STALL_MS ? ` (aim ${STALL_MS})` : ''}`);
      const after = treeOf(drive, ['Photos']);
      for (const [path, hash] of before) if (after.get(path) !== hash) score.note('lost', path);
      if ((await fuzz.status()) !== 200) score.note('wrong', 'the status is not answered any more');
    } finally {
      await server.close();
      await box.stop();
      box.remove();
    }
    return score.figures();
  },
};

function serve({ control, access, visitors }: Composition): HttpServer {
  const clock = createSystemClock();
  const pace = { perSecond: 1e6, burst: 1e6 };
  const own = { appliance: control, access, version: '0.0.0', clock, pace };
  return createHttpServer({
    ...own,
    uploads: visitors?.uploads ?? null,
    gallery: visitors?.gallery ?? null,
  });
}

/** A photo that can be lost, and cards and backups that can be named. */
async function backedUp(box: Box, running: Composition): Promise<void> {
  const card = box.card('CARD', { 'IMG_0001.JPG': 50_000, 'IMG_0002.JPG': 1 });
  await running.control.sim.insert(card, null);
  await until(running, 'copying');
  await until(running, 'ready');
}

const tokensOf = async ({ access }: Composition) => ({
  owner: (await access.admit({ role: 'owner', name: 'owner' })).token,
  viewer: (await access.admit({ role: 'viewer', name: 'viewer' })).token,
});

/** Those that the server itself describes. */
async function routesOf(port: number, running: Composition): Promise<readonly Route[]> {
  const { owner } = await tokensOf(running);
  const headers = { authorization: `Bearer ${owner}` };
  const text = await new Promise<string>((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: '/api/v1/openapi.json', headers, agent: false }, (response) => {
      readAll(response).then(resolve, reject);
    })
      .on('error', reject)
      .end();
  });
  const { paths, components } = JSON.parse(text) as {
    readonly paths: Record<string, Record<string, Schema>>;
    readonly components: { readonly schemas: Record<string, Schema> };
  };
  const propertiesOf = (schema: Schema | undefined): readonly string[] => {
    const name =
      String(schema?.['$ref'] ?? '')
        .split('/')
        .at(-1) ?? '';
    return Object.keys(((components.schemas[name] ?? schema)?.['properties'] as Schema) ?? {});
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const parameters = (operation['parameters'] ?? []) as readonly { name: string; in: string }[];
      const content = (
        operation['requestBody'] as { content?: Record<string, { schema?: Schema }> } | undefined
      )?.content;
      return {
        method: method.toUpperCase(),
        path,
        query: parameters.flatMap((parameter) => (parameter.in === 'query' ? [parameter.name] : [])),
        body: propertiesOf(content?.['application/json']?.schema),
      };
    }),
  );
}

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

async function askMany(fuzz: Fuzz, count: number, score: Score, answers: Map<Status, number>): Promise<void> {
  for (let asked = 0; asked < count; asked += 1) {
    const { question, status } = await fuzz.ask();
    score.tried();
    answers.set(status, (answers.get(status) ?? 0) + 1);
    // 503: later; the box is not to be blamed. Null: hung up, as HTTP asks for what is no HTTP.
    if (status === 'hangs' || (typeof status === 'number' && status >= 500 && status !== 503)) {
      score.note('wrong', `${question}: ${status}`);
    }
  }
}
