import { at, RUN, SAMPLE, spend, type TimedBody } from './sample-run.ts';

const call = { backend: 'code-1', promptVersion: 'supervise@1', ceiling: { inputTokens: 10, outputTokens: 10 } };

function turn(number: number, text: string): readonly TimedBody[] {
  const key = { run: RUN, task: 'boss', turn: number, attempt: 0 };
  return [
    at(100 * number + 40, { type: 'call.started', key, ...call, prompt: '[]' }),
    at(100 * number + 50, {
      type: 'call.finished',
      key,
      backend: 'code-1',
      finish: 'tools',
      text,
      toolCalls: '[]',
      spent: spend(1, 1, { ms: 10 }),
    }),
  ];
}

/** What a judge said of the submission of the turn before. */
function judgeSays(number: number): readonly TimedBody[] {
  return turn(number, '{"why":"It is short.","passes":true}').map((body) =>
    body.type === 'call.started' ? { ...body, aside: true } : body,
  );
}

function submitted(number: number, isOk: boolean): TimedBody {
  const given = { name: 'submit_result', arguments: '{"output":"It is there."}', result: 'Judged.', ms: 1 };
  return at(100 * number + 60, { type: 'tool.finished', task: 'boss', turn: number, call: 'c', ...given, isOk });
}

const CONTAINS = { check: 'README.md contains "limits"', outcome: 'passed', heldBefore: true, why: '' } as const;
const JUDGE = { check: 'a judge says that it is as wanted: "Be short."', outcome: 'passed', heldBefore: null, why: '' };

/** A supervisor that submits twice: one check fails and one is broken; then all pass. */
export function judgedRun(): readonly TimedBody[] {
  const test = { check: '["npm", "test"] exits 0', heldBefore: false } as const;
  return [
    ...SAMPLE.slice(0, 1),
    at(20, {
      type: 'plan.accepted',
      tasks: [
        {
          id: 'boss',
          title: 'See to it',
          objective: 'See to it.',
          mode: 'autonomous',
          dependsOn: [],
          inputs: [],
          supervises: true,
        },
      ],
    }),
    at(30, { type: 'task.started', task: 'boss', attempt: 0, backend: 'code-1' }),
    ...turn(0, ''),
    at(55, {
      type: 'deliverable.judged',
      task: 'boss',
      turn: 0,
      call: 'c',
      verdict: {
        kind: 'failed',
        why: 'the tests fail',
        checks: [
          CONTAINS,
          { ...test, outcome: 'failed', why: 'it exited with 1. The last of what it printed:\n| 2 failing' },
          { check: 'secret.txt exists', outcome: 'broken', heldBefore: null, why: 'a data rule withholds it' },
        ],
      },
    }),
    submitted(0, false),
    ...turn(1, ''),
    ...judgeSays(2),
    at(255, {
      type: 'deliverable.judged',
      task: 'boss',
      turn: 1,
      call: 'c',
      verdict: {
        kind: 'passed',
        why: '',
        checks: [
          CONTAINS,
          { ...test, outcome: 'passed', why: '', note: 'it was said before of 1 file' },
          { ...JUDGE, outcome: 'passed' },
        ],
      },
    }),
    submitted(1, true),
    at(300, { type: 'task.completed', task: 'boss', backend: 'code-1', result: 'It is there.', partial: false }),
  ];
}
