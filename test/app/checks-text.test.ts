import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { checksLines } from '../../src/app/checks-text.ts';
import { renderRunMarkdown } from '../../src/app/run-markdown.ts';
import { renderTaskDocument } from '../../src/app/task-document.ts';
import { foldRun } from '../../src/core/run-fold.ts';
import { judgedRun } from '../support/judged-run.ts';
import { journaled, RUN, SAMPLE, START_MS } from '../support/sample-run.ts';

const state = foldRun(RUN, journaled(judgedRun()));
const FAILED = `The deliverable is not there.
- passed: README.md contains "limits" (it held before the work, too)
- failed: ["npm", "test"] exits 0: it exited with 1. The last of what it printed:
| 2 failing
- broken: secret.txt exists: a data rule withholds it`;
const PASSED = `The deliverable is there.
- passed: README.md contains "limits" (it held before the work, too)
- passed: ["npm", "test"] exits 0 (it was said before of 1 file)
- passed: a judge says that it is as wanted: "Be short."`;

describe('how a submission was judged, as text', () => {
  it('is in the document of its task, one after the other', () => {
    const task = state.tasks.get('boss') ?? assert.fail('there is no such task');
    const document = renderTaskDocument(task, state, { nowMs: START_MS });
    assert.ok(document.includes(`## Checks\n\n\`\`\`\n${FAILED}\n\`\`\`\n\n\`\`\`\n${PASSED}\n\`\`\`\n`), document);
  });

  it('is in the exported run, each behind the turn that submitted', () => {
    const kept = renderRunMarkdown(state, { nowMs: START_MS, diff: '' });
    const parts = ['· call 1 ·', FAILED, '· call 2 ·', PASSED, '### Result'].map((part) => kept.indexOf(part));
    assert.ok(!parts.includes(-1), kept);
    assert.deepEqual(
      parts,
      [...parts].sort((a, b) => a - b),
      kept,
    );
  });

  it('is told in a terminal as it came out last', () => {
    assert.deepEqual(checksLines(state), [`Checks of See to it, submission 2: ${PASSED}`]);
    assert.deepEqual(checksLines(foldRun(RUN, journaled(SAMPLE))), []);
  });
});
