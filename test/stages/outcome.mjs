/**
 * What a stage resolves to: `{passed, failed, failures: [title], output, notes: [line]}`. `output` is printed when
 * something failed, `notes` always.
 */
export function outcome({ passed = 0, failed = 0, failures = [], output = '', notes = [] }) {
  return { passed, failed, failures, output, notes };
}

/** A tool that only passes or fails counts as one. */
export function oneOf(title, { code, output, timedOut }) {
  if (code === 0 && !timedOut) return outcome({ passed: 1 });
  const why = timedOut ? `${title}: did not end in its time` : title;
  return outcome({ failed: 1, failures: [why], output });
}

/** A check made here: `problem` is undefined when it passed. */
export function checked(title, problem) {
  return problem ? outcome({ failed: 1, failures: [title], output: `${title}: ${problem}` }) : outcome({ passed: 1 });
}

export function sum(outcomes) {
  return outcome({
    passed: outcomes.reduce((total, { passed }) => total + passed, 0),
    failed: outcomes.reduce((total, { failed }) => total + failed, 0),
    failures: outcomes.flatMap(({ failures }) => failures),
    output: outcomes
      .map(({ output }) => output.trimEnd())
      .filter(Boolean)
      .join('\n'),
    notes: outcomes.flatMap(({ notes }) => notes),
  });
}
