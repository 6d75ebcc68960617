/** `apply` over a review that the test scripts. */
import assert from 'node:assert/strict';
import { ok, type Result } from '../../src/base/result.ts';
import { applyProposal } from '../../src/cli/apply-command.ts';
import type { ApplyCommand } from '../../src/cli/command.ts';
import type { ApplyReport, EditReview, ReviewedFile } from '../../src/core/edits/edit-review.ts';
import type { Failure } from '../../src/core/failure.ts';
import { SAMPLE_PROPOSAL } from '../support/sample-proposal.ts';
import { fakeIo, type FakeIoOptions } from './fake-io.ts';

const RENAMED = {
  ...SAMPLE_PROPOSAL[0],
  path: 'src/new-name.ts',
  kind: 'renamed',
  from: 'src/old-name.ts',
} as ReviewedFile['file'];
export const FILES: readonly ReviewedFile[] = [...SAMPLE_PROPOSAL, RENAMED].map((file) => ({
  file,
  status: 'open',
  stale: undefined,
  blocked: file.conflict === undefined ? undefined : 'It is in conflict.',
}));

interface Scripted {
  readonly report?: Result<ApplyReport, Failure>;
  readonly files?: readonly ReviewedFile[];
  /** What comes of `resolve` and `mergeAgain`. */
  readonly changed?: Result<ReviewedFile, Failure>;
  readonly command?: Partial<ApplyCommand>;
  readonly io?: Partial<FakeIoOptions>;
}

/** Everything that came of one command, as text. */
export async function applied(scripted: Scripted): Promise<string> {
  const { report = ok({ done: [], left: [] }), files = FILES, changed, command, io: options } = scripted;
  const calls: string[] = [];
  const record = (what: string, ...args: readonly unknown[]): void =>
    void calls.push([what, ...args.map((arg) => JSON.stringify(arg))].join(' '));
  const edits: EditReview = {
    open: (run) => {
      record('open', run);
      return Promise.resolve(ok({ run, files }));
    },
    apply: (run, choice) => {
      record('apply', run, choice);
      return Promise.resolve(report);
    },
    revert: (run) => {
      record('revert', run);
      return Promise.resolve(report);
    },
    discard: assert.fail,
    resolve: (run, name, take) => {
      record('resolve', run, name, take);
      return Promise.resolve(changed ?? assert.fail());
    },
    mergeAgain: (run, name) => {
      record('merge', run, name);
      return Promise.resolve(changed ?? assert.fail());
    },
  };
  const { io, written } = fakeIo({ cwd: '/project/src', ...options });
  const all: ApplyCommand = {
    kind: 'apply',
    run: 'r',
    revert: false,
    take: undefined,
    merge: false,
    files: [],
    workspace: undefined,
    db: undefined,
    yes: false,
    json: false,
    ...command,
  };
  const { signal } = new AbortController();
  const ended = await applyProposal(io, all, { run: 'run-1', folder: '/project', edits, signal });
  const { out, err, questions } = written();
  return [
    ...calls.map((call) => `> ${call}`),
    ...questions.map((question) => `? ${question}`),
    ...lines('out', out),
    ...lines('err', err),
    ...(ended.ok ? [] : ended.error.lines.map((line) => `refused ${line}`)),
    `exit ${ended.ok ? ended.value : ended.error.exitCode}`,
  ].join('\n');
}

function lines(to: string, text: string): readonly string[] {
  return text === ''
    ? []
    : text
        .trimEnd()
        .split('\n')
        .map((line) => `${to} ${line}`);
}

/** Of the conflict in the sample proposal. */
export const CHOOSE =
  'It is in conflict between fix and tests. Take a side with --take fix, --take tests or --take both (then mend what stands between the markers): orchestrator apply run-1 --file src/shared.ts --take fix';
