import assert from 'node:assert/strict';
import { indexPassages } from '../../../src/backends/embedded/passage-index.ts';
import { rankIndexed } from '../../../src/backends/embedded/rank.ts';
import { commanderAndMocha } from './commander-mocha-questions.ts';
import { diffAndMinimatch } from './diff-minimatch-questions.ts';
import { readPackage } from './package-sources.ts';
import type { QuestionSet } from './question-set.ts';
import { Examination, plainCount, ranking, type Figures } from './retrieval-figures.ts';

/** Nothing in commander or mocha has to do with these. */
const FOREIGN: readonly string[] = [
  'How are database transactions rolled back?',
  'Where is the JWT token verified?',
  'How is an image resized before upload?',
  'How does the websocket reconnect after it was dropped?',
  'Which Kubernetes namespace is the service deployed to?',
  'How is an email sent to the customer?',
  'How are HTTP requests retried with exponential backoff?',
  'How is the database schema migrated?',
  'Where is the OAuth token refreshed?',
  'How are invoices calculated with tax?',
  "Where is the user's avatar uploaded to S3?",
  'How is SQL injection prevented?',
  'How is the shopping cart stored in the session cookie?',
  'How are payments refunded through Stripe?',
  'What is the boiling point of water?',
  'Who won the football match yesterday?',
];

interface Examined {
  readonly examination: Examination;
  readonly ours: Figures;
}

function examine(questions: QuestionSet): Examined {
  const examination = new Examination(questions);
  return { examination, ours: examination.figures(ranking) };
}

describe('Retrieval over real packages @scale', () => {
  let known: Examined;
  let unseen: Examined;

  before(() => {
    known = examine(commanderAndMocha);
    unseen = examine(diffAndMinimatch);
  });

  it('shows the right passage of commander and mocha among the first five for at least 80 % of the questions', () => {
    const { questions, firstFive } = known.ours;
    assert.ok(questions > 40);
    assert.ok(firstFive / questions >= 0.8, `${firstFive} of ${questions}`);
  });

  it('shows the right passage of diff and minimatch, which it was not tuned on, for at least 75 % of the questions', () => {
    const { questions, firstFive } = unseen.ours;
    assert.ok(questions > 40);
    assert.ok(firstFive / questions >= 0.75, `${firstFive} of ${questions}`);
  });

  for (const [name, examined] of [
    ['commander and mocha', () => known],
    ['diff and minimatch', () => unseen],
  ] as const) {
    it(`finds at least twice as much in ${name} as a plain count of the question's words`, () => {
      const { ours, examination } = examined();
      const plain = examination.figures(plainCount);
      assert.ok(ours.firstFive >= 2 * plain.firstFive, `${ours.firstFive} against ${plain.firstFive}`);
      assert.ok(ours.first >= 2 * plain.first, `${ours.first} against ${plain.first}`);
    });
  }

  it('finds nothing for questions that have nothing to do with the files', () => {
    const sources = commanderAndMocha.packages.flatMap((wanted) =>
      readPackage(wanted).map(({ path, text }) => ({ path: `${wanted.package}/${path}`, text })),
    );
    const index = indexPassages(sources);
    const answered = FOREIGN.filter((question) => rankIndexed(question, index).length > 0);
    assert.deepEqual(answered, []);
  });

  it('finds nothing for at least 80 % of the questions that only look as if the package might answer them', () => {
    const results = [known, unseen].map(({ examination }) => examination.nothingFound());
    const questions = results.reduce((sum, result) => sum + result.questions, 0);
    const rightly = results.reduce((sum, result) => sum + result.rightly, 0);
    assert.ok(
      rightly / questions >= 0.8,
      `${rightly} of ${questions}; answered were ${results.flatMap(({ wrong }) => wrong).join(' ')}`,
    );
  });
});
