import { afterEach, beforeEach } from 'vitest';
import type { PictureAnswer } from '../../services/pictures/pictures.ts';
import { ScriptedAppliance } from '../cli/scripted-appliance.ts';
import { Wall } from '../pictures/kit.ts';
import { Desk, type Question } from './kit.ts';

/** Of the test that runs: each gets new ones. */
export let appliance: ScriptedAppliance;
export let desk: Desk;
export let wall: Wall;
export let port: number;
/** What the server wrote to its log. */
export let log: string[];
/** What is answered for pictures, and which were asked for. */
export let pictures: { answer: PictureAnswer; readonly asked: string[] };

export function serveAGalleryEachTest(): void {
  beforeEach(async () => {
    appliance = new ScriptedAppliance();
    wall = new Wall();
    const asked: string[] = [];
    const state = { answer: 'none' as PictureAnswer, asked };
    pictures = state;
    const get = async (id: string, size: string) => {
      asked.push(`${id} ${size}`);
      return state.answer;
    };
    const { originals, selections } = wall;
    log = [];
    const warn = (text: string) => log.push(text);
    desk = new Desk(appliance, { warn, gallery: { pictures: { get }, originals, selections } });
    await desk.listen();
    port = await desk.server.listenPort(0);
  });
  afterEach(async () => {
    await desk.clear();
    wall.remove();
  });
}

/** An answer byte for byte; `broken` when it ended before its end. */
export async function fetched(path: string, question: Question = {}) {
  const response = await desk.open(`/api/v1/${path}`, question);
  const chunks: Buffer[] = [];
  let broken = false;
  try {
    for await (const chunk of response) chunks.push(chunk as Buffer);
  } catch {
    broken = true;
  }
  const { statusCode: status = 0, headers } = response;
  return { status, headers, bytes: Buffer.concat(chunks), broken: broken || !response.complete };
}
