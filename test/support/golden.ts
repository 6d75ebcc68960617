import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Compares with test/golden/`name`; `UPDATE_GOLDEN=1` writes it instead, to be read in the diff. */
export function assertGolden(name: string, actual: string): void {
  const file = fileURLToPath(new URL(`../golden/${name}`, import.meta.url));
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, actual);
    return;
  }
  assert.ok(existsSync(file), `test/golden/${name} is missing; run with UPDATE_GOLDEN=1 and read what it writes`);
  assert.equal(actual, readFileSync(file, 'utf8'));
}
