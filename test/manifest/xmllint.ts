import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SCHEMAS = join(import.meta.dirname, '../mhl');
const found = spawnSync('xmllint', ['--version']).status === 0;
if (!found)
  console.warn('xmllint is not installed (apt-get install libxml2-utils): schema checks are skipped');

export const hasXmllint = found;

/** Throws with xmllint's words when a text does not follow the schema. */
export function assertSchema(text: string, schema: 'ASCMHL.xsd' | 'ASCMHLDirectory__combined.xsd'): void {
  const folder = mkdtempSync(join(tmpdir(), 'imagetank-xsd-'));
  try {
    writeFileSync(join(folder, 'file.xml'), text);
    const options = ['--nonet', '--noout', '--schema', join(SCHEMAS, schema), join(folder, 'file.xml')];
    execFileSync('xmllint', options, { stdio: 'pipe' });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
