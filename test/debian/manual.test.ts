import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { CONFIG_FILES } from '../../adapters/config/load.ts';
import { SPECS } from '../../bin/cli/specs.ts';

const PAGE = fileURLToPath(new URL('../../adapters/debian/imagetank.1', import.meta.url));

/** The text without its macros, fonts and escapes, a line each paragraph of a command. */
const PLAIN = readFileSync(PAGE, 'utf8')
  .split('\n')
  .filter((line) => !line.startsWith('.\\"'))
  .map((line) =>
    line
      .replace(/\\f[RIB]/g, '')
      .replaceAll('\\-', '-')
      .replaceAll('"', ''),
  )
  .join('\n');

/** From the heading of a command to the next one. */
function entryOf(usage: string): string | undefined {
  const heading = usage.replace(/[<>]/g, '');
  const entries = PLAIN.split(/^\.TP$/m).map((entry) =>
    entry
      .trim()
      .replace(/^\.BR? /, '')
      .replace(/ +/g, ' '),
  );
  return entries.find((entry) => entry.startsWith(`${heading}\n`));
}

describe('the manual page', () => {
  test.each(SPECS)('has $usage, with its options', ({ usage, options = [] }) => {
    const entry = entryOf(usage);
    expect(entry).toBeDefined();
    for (const [flags] of options) expect(entry).toContain(`.B ${flags.split(' ')[0] ?? ''}\n`);
  });

  test('has no command that does not exist', () => {
    const [, commands = ''] = /\.SH COMMANDS\n([\s\S]*?)\.SH /.exec(PLAIN) ?? [];
    expect(commands.match(/^\.TP$/gm)).toHaveLength(SPECS.length);
  });

  test.each([
    '0',
    '1',
    '64',
    '65',
    '66',
    '69',
    '73',
    '74',
    '75',
    '77',
    '78',
  ])('explains exit code %s', (code) => {
    expect(PLAIN).toMatch(new RegExp(`^\\.B ${code}\n[A-Z].*\\.$`, 'm'));
  });

  test.each([
    ...CONFIG_FILES,
    'IMAGETANK_STATE',
    '/var/lib/imagetank',
    '--json',
    '--quiet',
    '--state',
  ])('names %s', (word) => {
    expect(PLAIN).toContain(word);
  });

  const groff = spawnSync('groff', ['--version']).error === undefined;
  if (!groff) console.log('the manual page is not typeset: groff is not installed');
  test.skipIf(!groff)('is typeset without a warning', () => {
    const { status, stdout, stderr } = spawnSync('groff', ['-man', '-Tutf8', '-ww', PAGE], {
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('Adopt a drive, back up a card');
  });

  test('is in the package', () => {
    const root = fileURLToPath(new URL('../..', import.meta.url));
    const { files } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as { files: string[] };
    expect(files).toContain('adapters/debian/imagetank.1');
  });
});
