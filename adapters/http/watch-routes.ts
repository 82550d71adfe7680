import * as z from 'zod';
import type { Appliance } from '../../services/appliance.ts';
import { CardStatus, HistoryLine, LightLine, Status } from '../../services/shapes.ts';
import { JournalLine } from './answers.ts';
import type { Api } from './api.ts';
import { HistoryQuery, JournalQuery } from './bodies.ts';
import { journalLines } from './journal-lines.ts';
import { each, type SendLines } from './lines.ts';
import { type Live, outdatesFrame } from './live.ts';
import { queueOf } from './queue.ts';
import { wantsEvents } from './streams.ts';

type Watched = Pick<Appliance, 'status' | 'history' | 'lights$' | 'journal' | 'head$'>;

/** Of one question: they are read at once, 6 ms of the event loop. */
const HISTORY_ROWS = 1000;
const EVENTS =
  'light: a LightLine, its id the seq, those after Last-Event-ID first; status: a Status, at once and when it changed, two a second at most; a comment every 15 s';

/** How things stand, and what has happened. */
export function addWatchRoutes(api: Api, appliance: Watched, live: Live, send: SendLines): void {
  api.get('/status', { summary: 'Lights, cards, drives, backups, problems', answer: { json: Status } }, () =>
    appliance.status(),
  );
  const cards = { summary: 'Cards that are attached', answer: { json: z.array(CardStatus) } };
  api.get('/cards', cards, async () => (await appliance.status()).cards);
  const history = {
    summary: `The last ${HISTORY_ROWS} backups, oldest first; last for more or fewer`,
    query: HistoryQuery,
  };
  api.get('/history', { ...history, answer: { lines: HistoryLine } }, (asked) => {
    const { last = HISTORY_ROWS } = asked.query;
    return send(asked, () => each(appliance.history({ last })));
  });
  const events = {
    summary: 'The light of this moment, then each change of it',
    answer: { lines: LightLine, events: EVENTS },
  };
  api.get('/events', events, (asked) => {
    const { headers } = asked.request;
    const last = headers['last-event-id'];
    if (!wantsEvents(asked.request)) return send(asked, () => queueOf(appliance.lights$));
    return send(asked, () => queueOf(live.since(last?.toString()), { outdates: outdatesFrame }));
  });
  api.get(
    '/journal',
    {
      summary: 'Records of the journal, byte for byte as they are stored',
      // It has everything, also who was let in and where photos were taken.
      need: 'owner',
      query: JournalQuery,
      answer: { lines: JournalLine },
    },
    (asked) => send(asked, () => journalLines(appliance, asked.query)),
  );
}
