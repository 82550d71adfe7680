/** A file of the page, as it is sent. */
export interface PageFile {
  readonly type: string;
  readonly body: Buffer;
  /** Another content has another one. */
  readonly tag: string;
  /** The body compressed, where that was done when it was built. */
  readonly packed: { readonly br: Buffer | null; readonly gzip: Buffer | null };
  /** What lies under this path never changes: its name has its hash. */
  readonly isForEver: boolean;
}

/** By path. Everybody on the network may read these: there is nothing of the box in them. */
export type Page = ReadonlyMap<string, PageFile>;

const HTML = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>imagetank</title>
<h1>imagetank</h1>
<p>This box backs up camera cards. The page that shows it was not built here (<code>npm run build</code>); programs can ask it.</p>
<h2>Come in</h2>
<ol>
<li>On the box: <code>imagetank pair</code> shows six digits, for five minutes. Or press its button three times while green.</li>
<li><code>curl -c jar -H 'content-type: application/json' -d '{"code": "123456", "name": "laptop"}' http://HOST:PORT/api/v1/pair</code></li>
<li><code>curl -b jar http://HOST:PORT/api/v1/status</code></li>
</ol>
<p>For scripts: <code>imagetank pair token --name NAME</code>, then <code>curl -H "authorization: Bearer TOKEN" &hellip;</code></p>
</html>
`;

/** Where the page was not built: in a checkout, and in tests. */
export const PLAIN_PAGE: Page = new Map([
  [
    '/',
    {
      type: 'text/html; charset=utf-8',
      body: Buffer.from(HTML),
      tag: 'plain',
      packed: { br: null, gzip: null },
      isForEver: false,
    },
  ],
]);
