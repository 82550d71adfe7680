import type { LightLine, Status } from '../../../services/shapes.ts';

/** Both clocks of the browser: one may be set, the other may stand still while the phone sleeps. */
export interface Moment {
  readonly wallMs: number;
  readonly monoMs: number;
}

/** All that is known of the box, and since when nothing was heard. */
export interface Feed {
  readonly connected: boolean;
  /** Of this connection; null until it has said so. */
  readonly light: LightLine | null;
  /** The last one, also of an earlier connection: then it is history, see `isLive`. */
  readonly status: Status | null;
  readonly statusIsNew: boolean;
  readonly heardAt: Moment | null;
}

export type Heard =
  | { readonly type: 'opened' }
  | { readonly type: 'light'; readonly light: LightLine }
  | { readonly type: 'status'; readonly status: Status }
  | { readonly type: 'heartbeat' }
  | { readonly type: 'closed' };

/** The server gives a sign of life every 2 s: three were missed, and then some. */
export const STALE_MS = 8000;

export const NOTHING_HEARD: Feed = {
  connected: false,
  light: null,
  status: null,
  statusIsNew: false,
  heardAt: null,
};

/** Pure. What an earlier connection said is never taken for what is now. */
export function hear(feed: Feed, heard: Heard, heardAt: Moment): Feed {
  switch (heard.type) {
    case 'opened':
      return { ...feed, connected: true, light: null, statusIsNew: false, heardAt };
    case 'closed':
      return { ...feed, connected: false, light: null, statusIsNew: false };
    case 'light':
      return feed.connected ? { ...feed, light: heard.light, heardAt } : feed;
    case 'status':
      return feed.connected ? { ...feed, status: heard.status, statusIsNew: true, heardAt } : feed;
    case 'heartbeat':
      return feed.connected ? { ...feed, heardAt } : feed;
  }
}

/** True while the box is heard and has said on this connection how it is. */
export function isLive({ connected, light, statusIsNew, heardAt }: Feed, now: Moment): boolean {
  if (!connected || light === null || !statusIsNew || heardAt === null) return false;
  const wallMs = now.wallMs - heardAt.wallMs;
  // A clock that was put back would make an old word young.
  return wallMs >= 0 && wallMs <= STALE_MS && now.monoMs - heardAt.monoMs <= STALE_MS;
}
