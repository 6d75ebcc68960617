import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { readAction } from '../../../src/core/control/read-action.ts';
import type { PersonAction } from '../../../src/core/person-action.ts';

/** Written out: this is what processes of all versions write for each other. */
const WRITTEN: readonly (readonly [string, PersonAction])[] = [
  ['{"kind":"stop-task","task":"a","keep":false}', { kind: 'stop-task', task: 'a', keep: false }],
  ['{"kind":"stop-task","task":["a","b"],"keep":true}', { kind: 'stop-task', task: ['a', 'b'], keep: true }],
  ['{"kind":"retry","task":"a"}', { kind: 'retry', task: 'a' }],
  ['{"kind":"retry","task":["a","b"],"target":"x"}', { kind: 'retry', task: ['a', 'b'], target: 'x' }],
  ['{"kind":"mark-done","task":"a","result":"r"}', { kind: 'mark-done', task: 'a', result: 'r' }],
  ['{"kind":"mark-done","task":["a"],"result":"r"}', { kind: 'mark-done', task: ['a'], result: 'r' }],
  ['{"kind":"say","task":"a","text":""}', { kind: 'say', task: 'a', text: '' }],
  ['{"kind":"edit-plan","edits":[],"revision":2}', { kind: 'edit-plan', edits: [], revision: 2 }],
  ['{"kind":"edit-plan","edits":[],"perTask":true}', { kind: 'edit-plan', edits: [], perTask: true }],
];

describe('a wish that another process wrote down', () => {
  for (const [json, action] of WRITTEN)
    it(`is understood: ${json}`, () => {
      assert.deepEqual(readAction(json), action);
      assert.equal(JSON.stringify(action), json);
    });

  for (const json of ['{"kind":"retry","task":[]}', '{"kind":"say","task":["a"],"text":""}', '{"kind":"new"}', '{'])
    it(`is none: ${json}`, () => assert.equal(readAction(json), undefined));
});
