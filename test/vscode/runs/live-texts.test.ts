import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { LiveTexts } from '../../../src/vscode/runs/live-texts.ts';
import { journaled, RUN, SAMPLE } from '../../support/sample-run.ts';

describe('texts that stream', () => {
  it('grow, begin anew with a new call, and go when the message is in the journal', () => {
    const live = new LiveTexts();
    const add = (task: string, text: string, restart = false): void => live.add({ run: RUN, task, text, restart });
    add('read', 'It ');
    add('read', 'parses');
    add('fix', 'con');
    assert.equal(live.text(RUN, 'read'), 'It parses');
    add('fix', 'anew', true);
    assert.equal(live.text(RUN, 'fix'), 'anew');
    for (const event of journaled(SAMPLE.slice(0, 14))) live.follow(event);
    assert.equal(live.text(RUN, 'read'), undefined);
    assert.equal(live.text(RUN, 'fix'), 'anew');
    add('@answer', 'x');
    for (const event of journaled(SAMPLE)) live.follow(event);
    assert.equal(live.text(RUN, '@answer'), undefined);
    assert.equal(live.text(RUN, 'fix'), undefined);
  });
});
