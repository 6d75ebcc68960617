import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import type { ProposedFile } from '../../../src/core/edits/proposal.ts';
import type { RunEventBody } from '../../../src/core/run-event.ts';
import { applyEvent, foldRun } from '../../../src/core/run-fold.ts';
import type { RunState } from '../../../src/core/run-state.ts';
import {
  addressesText,
  editRow,
  editsRow,
  editTooltip,
  protectedQuestion,
  reportText,
  reviewTitle,
} from '../../../src/vscode/edits/edit-text.ts';
import type { Row } from '../../../src/vscode/row.ts';
import { runRow } from '../../../src/vscode/tree/task-tree-text.ts';
import { assertGolden } from '../../support/golden.ts';
import { journaled, RUN, sampleEditRun, START_MS } from '../../support/sample-run.ts';

const made = foldRun(RUN, journaled(sampleEditRun()));

function after(...bodies: readonly RunEventBody[]): RunState {
  return bodies.reduce(
    (state, body) => applyEvent(state, { v: 1, seq: state.lastSeq + 1, at: START_MS, run: RUN, ...body }),
    made,
  );
}

function rowText(row: Row): string {
  return `${row.icon.name} ${row.icon.color}${row.isDimmed ? ' dimmed' : ''} | ${row.label} | ${row.description}\n    spoken: ${row.spoken}\n    menus: ${row.contextValue}`;
}

const HERE = { liveness: 'finished', isHere: true } as const;
const AWAY = { liveness: 'finished', isHere: false } as const;

function rowsText(state: RunState, stale: Readonly<Record<string, string>> = {}): string {
  const { proposal } = state;
  assert.ok(proposal !== null);
  const files = [...proposal.files].map(([path, file]) => editRow({ ...file, stale: stale[path] }, HERE));
  return [runRow(state, { nowMs: START_MS, isHere: true }), editsRow(proposal, { ...HERE, workspace: '' }), ...files]
    .map(rowText)
    .join('\n');
}

const manifest = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  readonly contributes: {
    readonly menus: { readonly 'view/item/context': readonly { readonly command: string; readonly when: string }[] };
  };
};

/** What VS Code offers on a row of the tree, as a button or in the menu. */
function commandsFor(contextValue: string): readonly string[] {
  return manifest.contributes.menus['view/item/context']
    .filter(({ when }) => {
      const pattern = /^view == orchestrator\.tasks && viewItem =~ \/(.*)\/$/.exec(when)?.[1];
      return pattern !== undefined && new RegExp(pattern).test(contextValue);
    })
    .map(({ command }) => command.replace('orchestrator.', ''));
}

const files = JSON.parse(typeof made.proposal?.content === 'string' ? made.proposal.content : '[]') as ProposedFile[];

function file(path: string): ProposedFile {
  return files.find((one) => one.path === path) ?? assert.fail(path);
}

describe('rows of proposed edits', () => {
  it('show kind, lines, what keeps a file from being applied and what was decided', () => {
    const stale = { 'src/parser.ts': 'It was changed on disk; merge it again.' };
    const partly = after(
      { type: 'proposal.applying', paths: ['src/parser.ts', 'src/old.ts'], originals: '[]' },
      { type: 'proposal.applied', paths: ['src/parser.ts'], hashes: ['h'] },
      { type: 'proposal.discarded', paths: ['package.json'] },
    );
    const back = after(
      { type: 'proposal.discarded', paths: ['package.json', 'src/shared.ts', 'src/parser.test.ts', 'src/old.ts'] },
      { type: 'proposal.reverted', paths: ['src/parser.ts'] },
    );
    assertGolden(
      'task-tree-edits.txt',
      `${['# open, one stale', rowsText(made, stale), '# partly decided', rowsText(partly), '# taken back and discarded', rowsText(back)].join('\n')}\n`,
    );
  });

  it('tell on hover who changed a file, what is wrong and which addresses are new, all of it escaped', () => {
    const tips = [...(made.proposal?.files.values() ?? [])].map((view) => editTooltip(view, made, HERE));
    const odd = editTooltip(
      {
        status: 'open',
        stale: 'Changed [here](command:x).',
        entry: {
          path: 'a_*b*.md',
          kind: 'renamed',
          from: 'b.md',
          tasks: ['fix', 'unknown`'],
          added: 1_234,
          removed: 0,
          isConflict: false,
          newUrls: ['https://evil.example/![x](y)'],
          problems: ['a.md:1: <b>'],
        },
      },
      made,
      HERE,
    );
    assertGolden('task-tree-edit-tooltips.md', `${[...tips, odd].join('\n\n---\n\n')}\n`);
  });
});

describe('rows of edits of a run that worked on another folder', () => {
  const { proposal } = made;
  assert.ok(proposal !== null);
  const partly = after(
    { type: 'proposal.applying', paths: ['src/parser.ts'], originals: '[]' },
    { type: 'proposal.applied', paths: ['src/parser.ts'], hashes: ['h'] },
  ).proposal;
  assert.ok(partly !== null);

  it('offer to look at them, and no decision', () => {
    const offered = (seen: typeof HERE | typeof AWAY): string =>
      [
        ...[proposal, partly].map((one) => editsRow(one, { ...seen, workspace: '/w/shop' })),
        ...[...partly.files.values()].flatMap((one) => [
          editRow(one, seen),
          editRow({ ...one, stale: 'It was.' }, seen),
        ]),
      ]
        .flatMap(({ contextValue }) => commandsFor(contextValue))
        .filter((command, index, all) => all.indexOf(command) === index)
        .sort()
        .join(' ');
    assert.equal(offered(AWAY), 'openEditDiff reviewEdits');
    assert.equal(
      offered(HERE),
      'applyEditFile applyEdits discardEditFile discardEdits mergeEditAgain openEditDiff resolveEdit revertEdits reviewEdits',
    );
  });

  it('name the folder, and say on hover what to do', () => {
    const row = editsRow(proposal, { ...AWAY, workspace: '/w/shop' });
    assert.match(row.description, /^other folder: shop · /);
    assert.match(row.spoken, /, other folder: shop$/);
    const [first] = proposal.files.values();
    assert.ok(first !== undefined);
    const tip = editTooltip(first, { ...made, workspace: '/w/shop' }, AWAY).replaceAll('\\', '');
    assert.match(tip, /worked on \/w\/shop, which is not open here\. Open that folder/);
  });
});

describe('what is said of proposed edits', () => {
  it('names the run and the conflicts over the review', () => {
    assert.equal(reviewTitle(made, files), 'Proposed edits: Explain the parser and mend it · 1 conflict');
    assert.equal(reviewTitle(made, [file('src/parser.ts')]), 'Proposed edits: Explain the parser and mend it');
  });

  it('warns of a protected file with the reason and the addresses that are new in it', () => {
    assert.deepEqual(protectedQuestion({ ...file('package.json'), newUrls: ['https://a.example/x'] }), {
      message: 'Apply the edit of package.json? Programs obey this file.',
      detail:
        'its scripts are run by tools New addresses in it, which an editor or a program may fetch: https://a.example/x. Read its diff before you apply it.',
    });
  });

  it('reports what was done, and what was left and why', () => {
    assert.equal(reportText('Applied', { done: ['a.ts'], left: [] }), 'Applied a.ts.');
    assert.equal(
      reportText('Applied', {
        done: ['a.ts', 'b.ts'],
        left: ['c', 'd', 'e', 'f'].map((path) => ({ path, why: 'It has a conflict.' })),
      }),
      'Applied 2 files. Left as they were: c: It has a conflict. d: It has a conflict. e: It has a conflict. and 1 more',
    );
    assert.equal(
      reportText('Reverted', { done: [], left: [{ path: 'a', why: 'It was changed since.' }] }),
      'Reverted nothing. Left as it was: a: It was changed since.',
    );
  });

  it('lists each new address once, and not too many', () => {
    const urls = [1, 2, 3, 4, 5, 6].map((n) => `https://${n}.example`);
    assert.equal(addressesText([{ newUrls: [] }]), '');
    assert.equal(
      addressesText([{ newUrls: urls }, { newUrls: urls.slice(0, 1) }]),
      'New addresses in it, which an editor or a program may fetch: https://1.example, https://2.example, https://3.example, https://4.example, https://5.example and 1 more.',
    );
  });
});
