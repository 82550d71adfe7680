import { afterEach, describe, expect, test, vi } from 'vitest';
import { undoAll, undoable } from './undo.ts';

afterEach(() => {
  undoAll();
  vi.restoreAllMocks();
});

describe('what was done', () => {
  test('is undone the last first, once', () => {
    const done: string[] = [];
    undoable(() => done.push('folder'));
    undoable(() => done.push('mount'));
    undoAll();
    undoAll();
    expect(done).toEqual(['mount', 'folder']);
  });

  test('that is undone in time is not undone again', () => {
    const done: string[] = [];
    const undo = undoable(() => done.push('mount'));
    undo();
    undo();
    undoAll();
    expect(done).toEqual(['mount']);
  });

  test('and cannot be undone is said, and does not keep the others', () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const done: string[] = [];
    undoable(() => done.push('folder'));
    undoable(() => {
      throw new Error('target is busy');
    });
    undoAll();
    expect(done).toEqual(['folder']);
    expect(said).toHaveBeenCalledWith('Error: target is busy');
  });
});
