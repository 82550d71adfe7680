import { afterEach, expect, test, vi } from 'vitest';
import { escapeText } from '../../adapters/terminal/escape.ts';
import { createLogger } from '../../adapters/winston/logger.ts';

/** Where winston's console transport writes: Node's own, which vitest replaces, or what stands for it. */
const { _stderr: own } = console as unknown as { readonly _stderr?: NodeJS.WriteStream };
const written = own === undefined ? vi.spyOn(console, 'error') : vi.spyOn(own, 'write');
afterEach(() => written.mockReset());

function lines(
  env: NodeJS.ProcessEnv,
  quiet: boolean,
  log: (logger: ReturnType<typeof createLogger>) => void,
) {
  const texts: string[] = [];
  written.mockImplementation((text: unknown) => texts.push(String(text).trimEnd()) > 0);
  log(createLogger(env, quiet, escapeText));
  return texts;
}

test('a warning is one line, and a name in it does nothing to a terminal', () => {
  expect(lines({}, false, ({ warn }) => warn('inbox/ph\x1b[31moto.jpg:\nno\u202egpj'))).toEqual([
    'imagetank: inbox/ph\\u001b[31moto.jpg: no\\u202egpj',
  ]);
});

test('an information keeps its colours: it is made here', () => {
  expect(lines({}, false, ({ info }) => info('\x1b[32m●\x1b[39m'))).toEqual(['imagetank: \x1b[32m●\x1b[39m']);
});

test('under systemd each line says how much it matters', () => {
  const env = { JOURNAL_STREAM: '8:1' };
  const said = lines(env, false, ({ info, warn }) => {
    info('listening');
    warn('a drive is gone');
  });
  expect(said).toEqual(['<6>listening', '<4>a drive is gone']);
});

test('quiet are only informations', () => {
  const said = lines({}, true, ({ info, warn }) => {
    info('listening');
    warn('a drive is gone');
  });
  expect(said).toEqual(['imagetank: a drive is gone']);
});
