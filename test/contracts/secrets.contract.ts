import { describe, expect, it } from 'vitest';
import { CODE, type Secrets, TOKEN } from '../../services/access/ports.ts';

/** What all `Secrets` must do. */
export function secretsContract(name: string, secrets: Secrets): void {
  describe(`Secrets: ${name}`, () => {
    it('gives tokens of 43 letters of base64url, never the same twice', () => {
      const tokens = Array.from({ length: 200 }, () => secrets.token());
      for (const token of tokens) expect(token).toMatch(TOKEN);
      expect(new Set(tokens).size).toBe(200);
    });

    it('gives codes of six digits, those that begin with a zero included', () => {
      const codes = Array.from({ length: 2000 }, () => secrets.code());
      for (const code of codes) expect(code).toMatch(CODE);
      expect(codes.some((code) => code.startsWith('0'))).toBe(true);
    });
  });
}
