/** The conversation of an interactive task, whose words come before its first call. */
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ConversationModel } from '../../../src/vscode/conversation/conversation-model.ts';
import type { Mode } from '../../../src/core/plan/plan.ts';
import type { ScriptedBackend } from '../../support/scripted-backend.ts';
import { shownConversation } from '../../support/shown-conversation.ts';
import { START_MS } from '../../support/sample-run.ts';
import { callOf, held, stage, task, until, type Stage } from '../../core/control/talk-rig.ts';

async function begun(mode: Mode): Promise<{ readonly on: Stage; readonly backend: ScriptedBackend }> {
  const backend = held();
  const on = await stage({ backends: [backend], tasks: [task('a', { mode })] });
  if (mode === 'interactive') {
    await until(() => on.task('a').status === 'waiting', 'it waits for the first word');
    await on.say('a', 'Begin in blue.');
  }
  return { on, backend };
}

/** The pieces from the first word on, without their figures. */
function shown({ fixture, handle }: Stage): string {
  const state = fixture.engine.state(handle.run) ?? assert.fail('there is no such run');
  const view = new ConversationModel('a').show(state, { liveness: 'running', isHere: true, nowMs: START_MS });
  return shownConversation(view ?? assert.fail('there is no such task'));
}

function inOrder(text: string, ...parts: readonly string[]): void {
  const places = parts.map((part) => text.indexOf(part));
  assert.ok(!places.includes(-1), text);
  assert.deepEqual(
    places,
    [...places].sort((a, b) => a - b),
    text,
  );
}

describe('the words of an interactive task', () => {
  it('stand before the call that has heard them', async () => {
    const { on, backend } = await begun('interactive');
    const call = await callOf(backend, 0);
    inOrder(shown(on), 'Begin in blue.', '0.call.0');
    await on.say('a', 'And green.');
    call.reply({ text: 'It is blue.' });
    await callOf(backend, 1);
    inOrder(shown(on), 'Begin in blue.', '0.call.0', 'It is blue.', 'And green.', '0.call.1');
  });

  for (const mode of ['interactive', 'hybrid'] as const)
    it(`are no protocol, also where the first reply asks (${mode})`, async () => {
      const { on, backend } = await begun(mode);
      (await callOf(backend, 0)).reply({ text: 'ASK THE USER: Tabs or spaces?' });
      await until(() => on.task('a').status === 'waiting', 'it asks');
      const waiting = shown(on);
      assert.match(waiting, /^\? Tabs or spaces\?$/m);
      assert.equal(waiting.split('Tabs or spaces?').length, 2, `it stands once:\n${waiting}`);
      await on.say('a', 'Tabs.');
      await callOf(backend, 1);
      const answered = shown(on);
      assert.doesNotMatch(waiting + answered, /ASK THE USER/);
      assert.match(answered, /held asks .*\n +Tabs or spaces\?/);
      inOrder(answered, 'Tabs or spaces?', 'Tabs.', '0.call.1');
    });
});
