import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

/** Debian's. */
const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser'];
const executablePath = PATHS.find((path) => existsSync(path));
export const hasChromium = executablePath !== undefined;
if (!hasChromium) console.log('skipped: Chromium is not installed (apt install chromium)');

/** Kept by CI, never committed. */
const SHOTS = fileURLToPath(new URL('../../.build/screenshots/', import.meta.url));

export const PHONE = { width: 390, height: 844 } as const;
export const DESKTOP = { width: 1280, height: 800 } as const;

export interface Window {
  readonly size?: typeof PHONE | typeof DESKTOP;
  readonly theme?: 'light' | 'dark';
  readonly language?: 'en-GB' | 'de-DE';
}

/** One browser; each window has a storage of its own, and remembers what went wrong in it. */
export class Chromium {
  #browser: Browser | null = null;
  readonly #contexts: BrowserContext[] = [];
  /** Errors of the console and of scripts, requests that went anywhere else than to the box. */
  readonly faults: string[] = [];

  async start(): Promise<void> {
    // No sandbox for root: Chromium refuses to make one. No /dev/shm in containers.
    const args = ['--no-sandbox', '--disable-dev-shm-usage'];
    this.#browser = await chromium.launch({ ...(executablePath ? { executablePath } : {}), args });
  }

  async open(
    origin: string,
    { size = PHONE, theme = 'light', language = 'en-GB' }: Window = {},
  ): Promise<Page> {
    if (this.#browser === null) throw new Error('not started');
    const context = await this.#browser.newContext({
      viewport: size,
      colorScheme: theme,
      locale: language,
      timezoneId: 'Europe/Berlin',
      hasTouch: size === PHONE,
      acceptDownloads: true,
    });
    this.#contexts.push(context);
    const page = await context.newPage();
    page.on('pageerror', (error) => this.faults.push(`script: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error')
        this.faults.push(`console: ${message.text()} ${message.location().url}`);
    });
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(origin) && !/^(data|blob):/.test(url)) this.faults.push(`request: ${url}`);
    });
    return page;
  }

  async closeWindows(): Promise<void> {
    for (const context of this.#contexts.splice(0)) await context.close();
    this.faults.length = 0;
  }

  async stop(): Promise<void> {
    await this.#browser?.close();
  }
}

export async function shoot(page: Page, name: string): Promise<void> {
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: join(SHOTS, `${name}.png`) });
}
