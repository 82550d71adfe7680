import { ask } from '../api.ts';
import { type Trouble, troubleOf } from './trouble.ts';

/** Null: it is in. `code` null: the button was pressed three times. */
export async function pair(code: string | null, name: string): Promise<Trouble | null> {
  try {
    await ask('/pair', { method: 'POST', body: { code, name: name.trim() || null } });
    return null;
  } catch (error) {
    return troubleOf(error, code === null ? 'button' : 'code');
  }
}
