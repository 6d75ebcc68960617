/** Data rules hold for what is read: a real process over backends on this machine and elsewhere, and what each was sent. */
import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { RunEvent } from '../../src/core/run-event.ts';
import { ok } from '../servers/behaviours.ts';
import { requestText } from '../servers/records.ts';
import { canaryOf, carries } from '../support/canary.ts';
import { ELSEWHERE, INVENTED, startGuardedTeam, type GuardedRole, type GuardedTeam } from '../support/guarded-team.ts';
import { assertReadOnce, mapCalls } from '../support/reading-records.ts';
import { tempTree, type TempTree } from '../tools/temp-tree.ts';
import { cliProcess, eventLines, type CliEnd } from './built.ts';

const PLAN = canaryOf('plan');
const LONG = canaryOf('long');
const NEVER = { env: canaryOf('env'), pem: canaryOf('pem'), git: canaryOf('git'), ignored: canaryOf('ignored') };

/** Far more than a window of these tests takes; every tenth line is a fact. */
const LONG_TEXT = Array.from({ length: 1_000 }, (_, index) =>
  index % 10 === 0 ? `Fact ${index}: the code is ${LONG}\n` : `Nothing of interest stands in line ${index} of this.\n`,
).join('');

const FILES = {
  'secrets/plan.md': `# Plan\n\nFact one: the code is ${PLAN}\nFact two: it changes on Mondays.\n`,
  'secrets/deep/long.md': LONG_TEXT,
  'notes/open.md': 'Fact: the meeting room is on the second floor.\n',
  '.env': `A=1\nTOKEN=${NEVER.env}\nB=2\n`,
  'config/app.env': `TOKEN=${NEVER.env}\n`,
  'config/.env.local': `TOKEN=${NEVER.env}\n`,
  'config/open.json': '{}\n',
  'keys/server.pem': `-----BEGIN KEY-----\n${NEVER.pem}\n`,
  '.gitignore': 'private/\n*.log\n',
  'private/diary.md': `Fact: ${NEVER.ignored}\n`,
  'run.log': `Fact: ${NEVER.ignored}\n`,
  '.git/config': `[core]\n  token = ${NEVER.git}\n`,
};

const SECRET = { id: 'secret', title: 'Read the secrets', capability: 'long-context', inputs: ['secrets/plan.md'] };
const OPEN = { id: 'open', title: 'Read the notes', capability: 'long-context', inputs: ['notes/open.md'] };
const RULE = /data rule \\?"secrets\/\*\*\\?" on (?:secrets|notes)\/\S+ keeps its inputs on this machine/;

describe('data rules for what is read', function () {
  this.timeout(60_000);
  let team: GuardedTeam;
  let tree: TempTree;

  before(async () => {
    team = await startGuardedTeam();
    tree = tempTree();
    for (const [file, text] of Object.entries(FILES)) tree.write(`work/${file}`, text);
    symlinkSync('../secrets/plan.md', path.join(tree.path, 'work/notes/link.md'));
    symlinkSync('../.env', path.join(tree.path, 'work/notes/env.md'));
  });
  after(async () => {
    await team.close();
    tree.remove();
  });

  const cli = (...argv: readonly string[]): Promise<CliEnd> =>
    cliProcess([...argv, '--db', 'runs.db'], { cwd: tree.path });
  const ask = (
    roles: readonly GuardedRole[],
    more: { contextWindow?: number; argv?: string[] } = {},
  ): Promise<CliEnd> => {
    tree.write('settings.json', team.settings(roles, more));
    return cli(
      'ask',
      'Go on.',
      '--roster',
      'settings.json',
      '--workspace',
      'work',
      '--yes',
      ...(more.argv ?? ['--json']),
    );
  };

  it('finds a canary in every form that it may be sent in', () => {
    const forms = [
      PLAN,
      JSON.stringify({ text: `so: ${PLAN}` }),
      JSON.stringify({ arguments: JSON.stringify({ text: PLAN }) }),
      PLAN.replaceAll(/[^\w]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`),
      `/v1/chat?text=${encodeURIComponent(PLAN)}`,
      ...['', 'a', 'ab'].map((before) => Buffer.from(`${before}${PLAN} and on`).toString('base64')),
      `data:text/plain;base64,${Buffer.from(PLAN).toString('base64url')}`,
      encodeURIComponent(Buffer.from(JSON.stringify({ text: PLAN })).toString('base64')),
    ];
    for (const form of forms) assert.ok(carries(`before ${form} after`, PLAN), form);
    assert.ok(!carries(JSON.stringify(forms), LONG));
  });

  it('refuse a request over a local folder when only backends elsewhere read, and name the rule', async () => {
    team.plans([{ ...SECRET, inputs: ['secrets/**'] }]);
    const told = await ask(ELSEWHERE, { argv: [] });
    assert.equal(told.exitCode, 1, told.out + told.err);
    assert.match(told.err, RULE);
    const run = /^Run (\S+):/m.exec(told.err)?.[1] ?? assert.fail(told.err);
    const shown = await cli('show', run);
    assert.match(shown.out, RULE);
    const { events, finished } = eventsOf(await cli('show', run, '--format', 'json'));
    assert.deepEqual([finished.outcome, finished.failure?.reason], ['failed', 'no-fit']);
    assert.match(
      finished.failure?.message ?? '',
      /^No backend fits capability long-context: .*cloudA: data rule .*cloudB: data rule /,
    );
    const decision = events.flatMap((event) =>
      event.type === 'route.decided' && event.task === 'secret' ? [event.decision] : [],
    )[0];
    assert.equal(decision?.kind, 'no_fit');
    for (const reader of ['cloudA', 'cloudB'])
      assert.match(decision?.candidates.find(({ backend }) => backend === reader)?.why ?? '', RULE);
    assert.deepEqual(
      [team.calls('planner').length, team.calls('cloudA').length, team.calls('cloudB').length],
      [1, 0, 0],
    );
    assert.deepEqual([team.whoSaw(PLAN), team.whoSaw(LONG)], [[], []]);
  });

  it('leave the rest of such a request to be answered, with what is missing told by its rule', async () => {
    team.plans([SECRET, { ...SECRET, id: 'linked', inputs: ['notes/link.md'] }, OPEN]);
    const { finished } = eventsOf(await ask(ELSEWHERE, { argv: ['--json', '--file', 'secrets/plan.md'] }));
    assert.deepEqual(
      finished.tasks.map(({ id, status }) => `${id} ${status}`),
      ['secret failed', 'linked failed', 'open completed'],
    );
    assert.equal(finished.outcome, 'partial');
    assert.match(requestText(team.calls('planner').at(-1) ?? assert.fail()), RULE);
    assert.match(requestText(team.calls('planner')[0] ?? assert.fail()), /attached secrets\/plan\.md \(its text stays/);
    assert.deepEqual(team.whoSaw(PLAN), []);
  });

  it('let a local reader answer it, and add here what the answer elsewhere was not shown', async () => {
    team.plans([SECRET, { ...SECRET, id: 'linked', inputs: ['notes/link.md#L3-L4'] }, OPEN]);
    const { events, finished } = eventsOf(await ask([...ELSEWHERE, 'laptop']));
    assert.deepEqual(
      finished.tasks.flatMap(({ id, status, backend }) => (id === 'open' ? [] : [`${id} ${status} ${backend}`])),
      ['secret completed laptop', 'linked completed laptop'],
    );
    assert.deepEqual(finished.cited, { verified: 5, struck: 4, unchecked: false }); // with one in the answer
    assert.deepEqual(citedOf(events, 'secret'), { verified: 2, struck: 1, unchecked: false });
    assert.deepEqual([team.whoSaw(PLAN), team.whoSaw('Fact two')], [['laptop'], ['laptop']]);
    const asked = requestText(team.calls('planner').at(-1) ?? assert.fail());
    assert.match(asked, /Read the secrets[\s\S]*stays on this machine by a data rule/);
    assert.match(asked, /second floor/);
    const [written = '', ...added] = finished.answer.split(/^## /m);
    assert.ok(!carries(written, PLAN));
    assert.equal(added.length, 2, finished.answer);
    assert.match(
      added[0] ?? '',
      /^Read the secrets\n\n\*Kept on this machine by the data rule "secrets\/\*\*" on secrets\/plan\.md/,
    );
    assert.ok(added[0]?.includes(`the code is ${PLAN} [plan.md:3](secrets/plan.md#L3)`), finished.answer);
    assert.match(added[1] ?? '', /\]\(notes\/link\.md#L3\)/);
  });

  it('keep every call of a long reading here: parts, corrections, and putting them together', async () => {
    team.plans([{ ...SECRET, inputs: ['secrets/deep'] }, OPEN]);
    const { events, finished } = eventsOf(await ask([...ELSEWHERE, 'laptop'], { contextWindow: 8_000 }));
    assert.equal(finished.outcome, 'answered', finished.answer.slice(-2_000));
    assert.deepEqual(team.whoSaw(LONG), ['laptop']);
    const own = team.calls('laptop');
    assertReadOnce(mapCalls(own), 'secrets/deep/long.md', LONG_TEXT);
    const kinds = (words: string): number => own.filter((record) => requestText(record).includes(words)).length;
    assert.ok(kinds(INVENTED) >= mapCalls(own).length - 1, 'quotations went back');
    assert.ok(kinds('"from"') > 0, 'claims were put together');
    assert.deepEqual(citedOf(events, 'secret')?.verified, 100);
    const calls = events.flatMap((event) =>
      event.type === 'call.started' && event.key.task === 'secret' ? [event.backend] : [],
    );
    assert.deepEqual([...new Set(calls)], ['laptop']);
  });

  it('keep here what a server says when it fails over a local file', async () => {
    team.plans([SECRET, { ...OPEN, target: 'cloudA' }]);
    team.servers.laptop.queueBehaviour({ kind: 'status', status: 400, message: `I cannot read "the code is ${PLAN}"` });
    const { finished } = eventsOf(await ask([...ELSEWHERE, 'laptop']));
    assert.equal(finished.outcome, 'partial');
    assert.ok(carries(finished.failure?.message ?? '', PLAN), 'the user is told');
    assert.deepEqual(team.whoSaw(PLAN), ['laptop']);
    assert.match(
      requestText(team.calls('planner').at(-1) ?? assert.fail()),
      /Read the secrets[^\n]*: it failed \(rejected\)/,
    );
  });

  it('keep a part here that no local reader can do, and say that it was not read', async () => {
    team.plans([{ ...SECRET, inputs: ['secrets/deep'] }, OPEN]);
    team.servers.laptop.queueBehaviour(ok, { kind: 'status', status: 400, message: 'not this one' });
    const { events, finished } = eventsOf(await ask([...ELSEWHERE, 'laptop'], { contextWindow: 8_000 }));
    assert.equal(finished.outcome, 'partial');
    assert.match(finished.answer, /Not read: secrets\/deep\/long\.md lines \d+-\d+ \(/);
    assert.ok(events.some((event) => event.type === 'call.failed' && event.failure.reason === 'rejected'));
    assert.deepEqual(team.whoSaw(LONG), ['laptop']);
  });

  it('never give what is kept back by default to anyone, by whatever name it is asked for', async () => {
    const patterns = [
      ...['.env', './.env', '.env#L1-L3', 'notes/env.md', 'config', '**/*.env', 'config/.env.local#L1'],
      ...[
        'keys/server.pem',
        'keys',
        '**/*.pem',
        'private',
        'private/**',
        'private/diary.md#L1',
        'run.log',
        '.git/config',
      ],
    ];
    const reads = patterns.map((pattern, index) => ({ ...OPEN, id: `read-${index}`, inputs: [pattern] }));
    const rest = [
      { ...OPEN, id: 'all', inputs: ['**'] },
      { ...OPEN, id: 'coder', capability: 'code', edits: true, inputs: ['.env', 'private/diary.md', 'keys/*'] },
      { ...OPEN, id: 'here', target: 'laptop', inputs: ['.env', 'keys', 'private'] },
    ];
    team.plans([...reads, ...rest]);
    const { events } = eventsOf(await ask([...ELSEWHERE, 'laptop']));
    for (const [name, canary] of Object.entries(NEVER)) assert.deepEqual(team.whoSaw(canary), [], name);
    assert.deepEqual(team.whoSaw(PLAN), ['laptop'], 'what may be read was read');
    assert.doesNotMatch(
      requestText(team.calls('planner')[0] ?? assert.fail()),
      /\.env|\.pem|private\/|run\.log|\.git\//,
    );
    for (const [index, pattern] of patterns.entries())
      assert.match(withheldFrom(events, `read-${index}`), KEPT_BACK, pattern);
    for (const { id } of rest) assert.match(withheldFrom(events, id), KEPT_BACK, id);
  });

  it('refuse to attach what is kept back by default, and call nobody', async () => {
    team.plans([OPEN]);
    for (const file of ['.env', 'private/diary.md', 'keys/*.pem']) {
      const end = await ask(ELSEWHERE, { argv: ['--file', file] });
      assert.equal(end.exitCode, 2, end.out + end.err);
      assert.match(end.err, KEPT_BACK, file);
    }
    assert.deepEqual(
      ELSEWHERE.flatMap((role) => team.requests(role)),
      [],
    );
  });
});

const KEPT_BACK =
  /kept back: (?:the default rule "[^"]+" sends it nowhere|git ignores it \([^)]+\)|the repository's own folder \.git is never read)/;

/** What the task was not given, and why. */
function withheldFrom(events: readonly RunEvent[], task: string): string {
  const read = events.find((event) => event.type === 'inputs.read' && event.task === task);
  return read?.type === 'inputs.read' ? read.withheld.map((file) => `${file.path}: ${file.why}`).join('\n') : 'nothing';
}

type Finished = Extract<RunEvent, { readonly type: 'run.finished' }>;

function eventsOf({ out, err }: CliEnd): { readonly events: readonly RunEvent[]; readonly finished: Finished } {
  const events = eventLines(out);
  const last = events.at(-1);
  assert.ok(last?.type === 'run.finished', err);
  return { events, finished: last };
}

function citedOf(events: readonly RunEvent[], task: string): Finished['cited'] {
  const end = events.find((event) => event.type === 'task.completed' && event.task === task);
  return end?.type === 'task.completed' ? end.cited : undefined;
}
