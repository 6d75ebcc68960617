/**
 * Writes media/plan.schema.json from the plan's zod schema.
 * Run it with the project's own Node: node_modules/node/bin/node test/docs/generate-plan-schema.ts
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { planJsonSchema } from '../../src/core/plan/plan-shape.ts';

export const PLAN_SCHEMA_FILE = fileURLToPath(new URL('../../media/plan.schema.json', import.meta.url));

export function planSchemaText(): string {
  return `${JSON.stringify(planJsonSchema(), undefined, 2)}\n`;
}

if (import.meta.main) writeFileSync(PLAN_SCHEMA_FILE, planSchemaText());
