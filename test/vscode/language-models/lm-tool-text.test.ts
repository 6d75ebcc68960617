import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { deliverableSchema } from '../../../src/core/deliverable/deliverable.ts';
import type { EngineToolsDeps } from '../../../src/mcp/engine-tool.ts';
import { createEngineTools } from '../../../src/mcp/engine-tools.ts';
import { confirmationOf, ENGINE_TOOLS, invocationText } from '../../../src/vscode/language-models/lm-tool-text.ts';
import { fc, propertyOptions } from '../../support/properties.ts';

describe('what a person reads of a tool that an agent calls', () => {
  it('names the work before it is given away, and asks of nothing that only looks', () => {
    const asked = (name: (typeof ENGINE_TOOLS)[number], input: object): string => {
      const confirmation = confirmationOf(name, input);
      return `${invocationText(name, input)} | ${confirmation === undefined ? 'not asked' : [confirmation.title, ...confirmation.lines].join(' / ')}`;
    };
    const cost = 'Your roster, budget and data rules hold. Edits of files become a proposal that you review.';
    const many = Array.from({ length: 10 }, (_, index) => ({ task: `Part ${index}` }));
    assert.deepEqual(
      [
        asked('delegate', { intent: 'Get it\ndone.' }),
        asked('call_agent', { task: 'Read it.\nAll of it.', files: ['a.md', 'b.md'], agent: 'reader' }),
        asked('call_agent', { task: 'x', target: 'gpt', capability: 'code' }),
        asked('call_agent', { task: 'x', capability: 'code' }),
        asked('delegate_many', { tasks: many }),
        asked('list_targets', {}),
        asked('get_task_status', { task: 'subtask:/r/t' }),
        asked('reply_to_task', { task: 'subtask:/r/t', message: 'Tabs.' }),
        asked('cancel_task', { task: 'subtask:/r' }),
      ],
      [
        `Delegating "Get it done." to a supervisor | Delegate this to a supervisor? / Get it done. / A model of your roster briefs as many workers as it needs, until what you see is done or the budget is used. / ${cost}`,
        `Giving "Read it. All of it." to the agent reader | Give a task to a model of your roster? / Read it. All of it. / To the agent reader. / With a.md, b.md. / ${cost}`,
        `Giving "x" to gpt | Give a task to a model of your roster? / x / To gpt. / ${cost}`,
        `Giving "x" to a model that is good at code | Give a task to a model of your roster? / x / To a model that is good at code. / ${cost}`,
        `Giving 10 tasks to the models that fit | Give 10 tasks to models of your roster? / ${many
          .slice(0, 8)
          .map(({ task }) => `• ${task}`)
          .join(' / ')} / … and 2 more / ${cost}`,
        'Looking at the backends | not asked',
        'Looking at subtask:/r/t | not asked',
        'Replying to subtask:/r/t | Reply to a task of Orchestrator? / subtask:/r/t / Tabs.',
        'Cancelling subtask:/r | Cancel a task of Orchestrator? / subtask:/r / What depends on it is skipped. What has finished stays on record.',
      ],
    );
  });

  it('is bounded and there for whatever a model sends', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ENGINE_TOOLS), fc.jsonValue(), (name, input) => {
        assert.ok(invocationText(name, input).length < 500);
        const lines = confirmationOf(name, input)?.lines ?? [];
        assert.ok(lines.every((line) => line.length < 2_000 && !line.includes('\n')));
      }),
      propertyOptions('calls of tools'),
    );
    assert.equal(invocationText('call_agent', null), 'Giving a task to the model that fits');
  });

  it('is of the tools that the engine has', () => {
    assert.deepEqual(
      [...ENGINE_TOOLS],
      createEngineTools({ delegate: { deliverable: deliverableSchema } } as EngineToolsDeps).map(({ name }) => name),
    );
  });
});
