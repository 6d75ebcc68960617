import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import { taskSchema } from '../../src/core/plan/plan-shape.ts';
import { PLAN_SCHEMA_FILE, planSchemaText } from './generate-plan-schema.ts';
import { readManifest } from './generate-configuration.ts';
import { ROOT } from './sections.ts';

type JsonObject = Readonly<Record<string, unknown>>;

describe('The schema of a plan', () => {
  it('is the one that the definitions generate (node_modules/node/bin/node test/docs/generate-plan-schema.ts writes it)', () => {
    assert.equal(readFileSync(PLAN_SCHEMA_FILE, 'utf8'), planSchemaText());
  });

  it('explains every field of a task, and offers the modes', () => {
    const schema = JSON.parse(planSchemaText()) as JsonObject;
    const tasks = (schema['properties'] as JsonObject)['tasks'] as JsonObject;
    const fields = (tasks['items'] as JsonObject)['properties'] as Readonly<Record<string, JsonObject>>;
    assert.deepEqual(Object.keys(fields), Object.keys(taskSchema.shape));
    assert.deepEqual(
      Object.entries(fields).flatMap(([name, field]) =>
        typeof field['markdownDescription'] === 'string' ? [] : [name],
      ),
      [],
    );
    assert.deepEqual(fields['mode']?.['enum'], ['autonomous', 'interactive', 'hybrid']);
    assert.equal((fields['mode']?.['markdownEnumDescriptions'] as readonly string[] | undefined)?.length, 3);
    assert.ok(!planSchemaText().includes('"null"'), 'null is not offered');
  });

  it('is what VS Code checks plans by', () => {
    const contributes = readManifest()['contributes'] as JsonObject;
    const [validation] = contributes['jsonValidation'] as readonly {
      readonly fileMatch: string;
      readonly url: string;
    }[];
    assert.equal(validation?.fileMatch, '*.orchestrator-plan.json');
    assert.ok(existsSync(`${ROOT}${validation.url}`));
  });
});
