/** A plan of 20 tasks that is changed and run again, judged by what the servers saw. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { RunSummary } from '../../src/core/ports.ts';
import type { TaskSpec } from '../../src/core/plan/plan.ts';
import type { BrainCall, BrainReply } from '../servers/brain.ts';
import { createGate, type Gate } from '../servers/gate.ts';
import { startModelServer, type ModelServer } from '../servers/model-server.ts';
import { modelCalls } from '../servers/records.ts';
import { claimsReply, linesShown, quoteOf } from '../support/reading-replies.ts';
import { tempTree, type TempTree } from '../tools/temp-tree.ts';
import { buildOnce, cliProcess, eventLines, startCli, summaryLines, type CliEnd } from './built.ts';

interface PlanFile {
  readonly request: string;
  readonly tasks: readonly (Pick<TaskSpec, 'id' | 'title' | 'objective' | 'dependsOn'> & Partial<TaskSpec>)[];
}

/** Seven roots, two of which read a file; seven tasks that each need two roots; four above them; two ends. */
function plan(): PlanFile {
  const task = (id: string, dependsOn: readonly string[] = [], more: object = {}) => ({
    id,
    title: `Title of ${id}`,
    objective: `Do ${id}.`,
    dependsOn,
    ...more,
  });
  const seven = [0, 1, 2, 3, 4, 5, 6];
  return {
    request: 'All twenty of them',
    tasks: [
      ...seven.map((at) => task(`root${at}`, [], at < 5 ? {} : { inputs: [{ path: `notes/${at}.md` }] })),
      ...seven.map((at) => task(`mid${at}`, [`root${at}`, `root${(at + 1) % 7}`])),
      task('top0', ['mid0', 'mid1']),
      task('top1', ['mid2', 'mid3']),
      task('top2', ['mid4', 'mid5']),
      task('top3', ['mid6']),
      task('end', ['top0', 'top1', 'top2']),
      task('leaf', ['top3']),
    ],
  };
}

const TASKS = plan().tasks.map(({ id }) => id);

describe('orchestrator run --from', () => {
  let servers: readonly ModelServer[];
  let tree: TempTree;
  let gate: Gate | undefined;
  let counted: readonly number[];

  before(async () => {
    buildOnce();
    const brain = async (call: BrainCall): Promise<BrainReply> => {
      if (idIn(call.user) === 'mid3') await gate?.pass(call.signal);
      return reply(call);
    };
    servers = await Promise.all(
      (['openai', 'ollama'] as const).map((protocol) =>
        startModelServer({ protocol, name: `at-${protocol}`, models: { m: {} }, brain }),
      ),
    );
    const roster = servers.map((server) => ({
      id: server.name,
      provider: server.protocol,
      model: 'm',
      baseUrl: server.baseUrl,
      maxConcurrency: 3,
    }));
    tree = tempTree({
      'roster.json': JSON.stringify(roster),
      'plan.json': JSON.stringify(plan()),
      'notes/5.md': 'The fifth note.\n',
      'notes/6.md': 'The sixth note.\n',
    });
  });
  after(async () => {
    await Promise.all(servers.map((server) => server.close()));
    tree.remove();
  });

  it('begins with a run that does all of it', async () => {
    const ended = await command('run', 'plan.json');
    assert.equal(ended.exitCode, 0, ended.err);
    assert.deepEqual(called(), [...TASKS, 'answer'].sort());
  });

  it('does one changed root and one changed leaf, what depends on them, and the answer', async () => {
    const first = await newest();
    const shown = await command('show', first.run, '--format', 'plan');
    const changed = JSON.parse(shown.out) as PlanFile;
    assert.deepEqual(
      changed.tasks.map(({ id }) => id),
      TASKS,
    );
    writePlan('changed.json', {
      ...changed,
      tasks: changed.tasks.map((task) =>
        task.id === 'root2' || task.id === 'leaf' ? { ...task, objective: `${task.objective} In two words.` } : task,
      ),
    });
    const ended = await command('run', 'changed.json', '--from', first.run.slice(0, 13));
    assert.equal(ended.exitCode, 0, ended.err);
    assert.deepEqual(called(), ['answer', 'end', 'leaf', 'mid1', 'mid2', 'root2', 'top0', 'top1']);
    assert.match(ended.err, /^Spent \$0 · 8 calls · [\d,]+ tokens · 13 reused/m);
    const again = await newest();
    assert.equal(again.from, first.run);
    const tree = await command('show', again.run);
    assert.equal(tree.out.split('\n').filter((line) => /^\[x\] .* · reused/.test(line)).length, 13);
    assert.match(tree.out, /^\[x\] Title of root1 · at-\w+ · reused$/m);
    assert.doesNotMatch(tree.out, /Title of root2 .*reused/);
  });

  it('does the readers of a changed file and what depends on them', async () => {
    writeFileSync(path.join(tree.path, 'notes', '6.md'), 'The sixth note, again.\n');
    const from = await newest();
    const ended = await command('run', 'changed.json', '--from', from.run);
    assert.equal(ended.exitCode, 0, ended.err);
    assert.deepEqual(called(), ['answer', 'end', 'leaf', 'mid5', 'mid6', 'root6', 'top2', 'top3']);
  });

  it('calls nobody when nothing changed, and gives the same answer, naming where each result was made', async () => {
    const from = await newest();
    const before = await command('show', from.run, '--format', 'json');
    const ended = await command('run', 'changed.json', '--from', from.run, '--json');
    assert.equal(ended.exitCode, 0, ended.err);
    assert.deepEqual(called(), []);
    const [was, is] = [before.out, ended.out].map((out) => eventLines(out).find(({ type }) => type === 'run.finished'));
    assert.ok(was?.type === 'run.finished' && is?.type === 'run.finished');
    assert.equal(is.answer, was.answer);
    assert.deepEqual([is.spent.iterations, is.outcome], [0, 'answered']);
    const runs = (await runList()).toReversed().map(({ run }) => run);
    const madeIn = new Map(
      eventLines(ended.out).flatMap((event) =>
        event.type === 'task.completed' ? [[event.task, runs.indexOf(event.reusedFrom ?? '')] as const] : [],
      ),
    );
    assert.deepEqual(
      ['root0', 'root2', 'mid1', 'root6', 'end', '@answer'].map((id) => madeIn.get(id)),
      [0, 1, 1, 2, 2, 2],
    );
    const text = await command('run', 'changed.json', '--from', from.run);
    assert.match(text.err, /^Spent \$0 · no calls · 20 reused$/m);
  });

  it('does all of it with --fresh', async () => {
    const from = await newest();
    const ended = await command('run', 'changed.json', '--from', from.run, '--fresh');
    assert.equal(ended.exitCode, 0, ended.err);
    assert.deepEqual(called(), [...TASKS, 'answer'].sort());
    assert.doesNotMatch(ended.err, /reused/);
  });

  it('goes on after kill -9 with what it had used and done', async () => {
    const from = await newest();
    const changed = JSON.parse(readFileSync(path.join(tree.path, 'changed.json'), 'utf8')) as PlanFile;
    writePlan('again.json', {
      ...changed,
      tasks: changed.tasks.map((task) => (task.id === 'root3' ? { ...task, objective: 'Do root3 otherwise.' } : task)),
    });
    const interrupted = await killAtMid3('again.json', '--from', from.run);
    assert.deepEqual(
      called().filter((id) => id !== 'mid3' && id !== 'mid2' && id !== 'root3'),
      [],
    );
    const resumed = await command('resume', interrupted.run);
    assert.equal(resumed.exitCode, 0, resumed.err);
    const again = called();
    assert.deepEqual(
      again.filter((id) => id !== 'mid2'),
      ['answer', 'end', 'mid3', 'top1'],
    );
    assert.match(resumed.err, / 15 reused/);
  });

  it('is what a finished run is told to use instead of resume', async () => {
    const { run } = await newest();
    const refused = await command('resume', run);
    assert.equal(refused.exitCode, 2);
    assert.match(
      refused.err,
      new RegExp(`show ${run} --format plan > plan\\.json" and ".* run plan\\.json --from ${run}" run its plan again`),
    );
    const unknown = await command('run', 'plan.json', '--from', 'ffffffff-nowhere');
    assert.equal(unknown.exitCode, 2);
    assert.match(unknown.err, /There is no run ffffffff-nowhere/);
    assert.deepEqual(called(), []);
  });

  it('is not done in a folder that the earlier run did not work on, unless it is named', async () => {
    const { run } = await newest();
    const elsewhere = tempTree({ 'plan.json': JSON.stringify({ request: 'Do it.', tasks: plan().tasks.slice(0, 1) }) });
    const from = (...more: readonly string[]): Promise<CliEnd> =>
      cliProcess(
        ['run', 'plan.json', '--from', run, '--roster', path.join(tree.path, 'roster.json'), ...more].concat(
          '--db',
          path.join(tree.path, 'runs.db'),
        ),
        { cwd: elsewhere.path },
      );
    const refused = await from();
    assert.equal(refused.exitCode, 1);
    assert.match(
      refused.err,
      new RegExp(`Run ${run} worked on .*, and this is .*\\. Open that folder and do it there\\.`),
    );
    assert.deepEqual(called(), []);
    const named = await from('--workspace', '.');
    assert.equal(named.exitCode, 0, named.err);
    elsewhere.remove();
  });

  it('begins anew after an interruption by resume --fresh, which ends the interrupted run', async () => {
    const interrupted = await killAtMid3('plan.json');
    count();
    const ended = await command('resume', interrupted.run, '--fresh');
    assert.equal(ended.exitCode, 0, ended.err);
    assert.deepEqual(called(), [...TASKS, 'answer'].sort());
    const [again, before] = await runList();
    assert.deepEqual([again?.from, again?.outcome], [interrupted.run, 'answered']);
    assert.deepEqual([before?.run, before?.liveness, before?.outcome], [interrupted.run, 'finished', 'cancelled']);
  });

  /** Runs until two calls of the third in the middle wait at a gate, and is killed there. */
  async function killAtMid3(...argv: readonly string[]): Promise<RunSummary> {
    gate = createGate();
    count();
    const { child, ended } = startCli(['run', ...argv, ...PLACES], { cwd: tree.path });
    await Promise.race([gate.arrived(), ended]);
    child.kill('SIGKILL');
    await ended;
    gate.open();
    gate = undefined;
    const interrupted = await newest();
    assert.equal(interrupted.liveness, 'interrupted');
    return interrupted;
  }

  const PLACES = ['--roster', 'roster.json', '--db', 'runs.db'];

  function command(name: string, ...argv: readonly string[]): Promise<CliEnd> {
    if (name === 'run' || name === 'resume') count();
    const places = name === 'run' || name === 'resume' ? PLACES : PLACES.slice(2);
    return cliProcess([name, ...argv, ...places], { cwd: tree.path });
  }

  function writePlan(name: string, file: PlanFile): void {
    writeFileSync(path.join(tree.path, name), JSON.stringify(file));
  }

  async function runList(): Promise<readonly RunSummary[]> {
    return summaryLines((await command('runs', '--json')).out);
  }

  async function newest(): Promise<RunSummary> {
    const [run] = await runList();
    return run ?? assert.fail('there is no run');
  }

  /** From here on `called` counts. */
  function count(): void {
    counted = servers.map((server) => server.requests().length);
  }

  /** Ids of the tasks that the servers were asked to do, in the order of the alphabet; twice where twice. */
  function called(): readonly string[] {
    return servers
      .flatMap((server, index) => modelCalls(server.requests().slice(counted[index])))
      .map(({ bodyText }) => idIn(bodyText))
      .sort();
  }
});

/** The first title in a prompt is that of the task itself; the answer's prompt begins with the request. */
function idIn(prompt: string): string {
  return /Task: Title of (\w+)/.exec(prompt)?.[1] ?? 'answer';
}

/** Says what it was shown, so that another prompt has another reply. */
function reply({ user }: BrainCall): BrainReply {
  const id = idIn(user);
  const [line] = linesShown(user);
  const shown = createHash('sha256')
    .update(user.replaceAll(/<<~\S+/g, '<<'))
    .digest('hex')
    .slice(0, 12);
  if (id.startsWith('root') && line !== undefined)
    return claimsReply([[`${id} ${shown}`, quoteOf(line.path, line.line, line.text)]]);
  return { text: `${id} ${shown}` };
}
