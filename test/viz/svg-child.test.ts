import { describe, expect, test } from 'vitest';
import { printedBy } from '../../adapters/viz/svg-child.ts';

const node = (script: string, deadlineMs?: number) => printedBy(process.execPath, ['-e', script], deadlineMs);

describe('a program that draws', () => {
  test('gives what it prints, and sees neither our environment nor an input', async () => {
    process.env['IMAGETANK_SECRET'] = 'x';
    const script =
      'process.stdin.resume().on("end", () => console.log(Object.keys(process.env).sort().join(), process.env.LC_ALL))';
    expect(await node(script)).toBe('LC_ALL,PATH C.UTF-8\n');
    delete process.env['IMAGETANK_SECRET'];
  });

  test('comes after everything else', async () => {
    // It is told its place right after its start: it waits until it has it.
    const script =
      'const look = () => os.getPriority() === 15 ? console.log("15") : setImmediate(look); look()';
    expect(await node(script)).toBe('15\n');
  });

  test.each([
    ['fails', 'process.exit(3)'],
    ['prints more than a megabyte', 'process.stdout.write("x".repeat(2 ** 20 + 1))'],
  ])('is no drawing when it %s', async (_what, script) => {
    await expect(node(script)).rejects.toThrow();
  });

  test('is killed at its deadline', async () => {
    await expect(node('setInterval(() => {}, 1000)', 20)).rejects.toMatchObject({
      killed: true,
      signal: 'SIGKILL',
    });
  });

  test('that is not there is an error', async () => {
    await expect(printedBy('/nothing/here', [])).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
