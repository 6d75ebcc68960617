/** `backends`: the roster as it is understood, and with `--check` whether each backend is there. */
import { ok, type Result } from '../base/result.ts';
import { formatCount, formatDuration } from '../app/amounts.ts';
import { priceText } from '../app/price-text.ts';
import { oneLine } from '../app/safe-text.ts';
import type { Backend, BackendDescription, CheckReport } from '../core/backend.ts';
import { describeFailure, failure, type Failure } from '../core/failure.ts';
import type { BackendsCommand } from './command.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import type { CliIo } from './io.ts';
import { jsonLine } from './json-lines.ts';
import { openEngine } from './open-engine.ts';
import type { Refusal } from './refusal.ts';
import type { Approver } from '../core/ports.ts';

type Checked = Result<CheckReport, Failure>;

export async function listBackends(io: CliIo, command: BackendsCommand): Promise<Result<ExitCode, Refusal>> {
  const stop = new AbortController();
  const interrupts = io.onInterrupt(() => stop.abort());
  try {
    const opened = await openEngine(io, { ...command, workspace: undefined }, (work) => work());
    if (!opened.ok) return opened;
    const { roster, approver, dispose } = opened.value;
    try {
      const backends = roster.backends();
      const checks = command.check
        ? await Promise.all(backends.map((backend) => check(backend, approver, stop.signal)))
        : [];
      if (stop.signal.aborted) return ok(EXIT.cancelled);
      io.out.write(command.json ? jsonRows(backends, checks, roster.problems()) : textRows(backends, checks));
      return ok(checks.some((one) => !one.ok) ? EXIT.failed : EXIT.answered);
    } finally {
      await dispose();
    }
  } finally {
    interrupts.dispose();
  }
}

/** A disabled backend is checked, too: whoever enables it next wants to know. */
async function check(backend: Backend, approver: Approver, signal: AbortSignal): Promise<Checked> {
  const { id, host } = backend.description;
  if (host !== undefined && !(await approver.consent(host, [id], signal)))
    return {
      ok: false,
      error: failure('no-consent', `${host} was not called, because you have not allowed it.`, {
        whatToDo: 'Use --yes to allow it.',
        backend: id,
      }),
    };
  return backend.check(signal);
}

function jsonRows(backends: readonly Backend[], checks: readonly Checked[], problems: readonly string[]): string {
  const rows = backends.map(({ description }, index) => {
    const checked = checks[index];
    const report =
      checked === undefined
        ? {}
        : { check: checked.ok ? { ok: true, ...checked.value } : { ok: false, failure: checked.error } };
    return jsonLine({ type: 'backend', ...description, ...report });
  });
  return [...rows, ...problems.map((problem) => jsonLine({ type: 'problem', problem }))].join('');
}

function textRows(backends: readonly Backend[], checks: readonly Checked[]): string {
  const idWidth = Math.max(...backends.map(({ description }) => description.id.length));
  return backends
    .map(({ description }, index) => {
      const lines = [
        `${description.id.padEnd(idWidth)}  ${describe(description)}`,
        ...checkLines(checks[index], description),
      ];
      return `${lines.join(`\n${' '.repeat(idWidth + 2)}`)}\n`;
    })
    .join('');
}

function describe(one: BackendDescription): string {
  return [
    `${one.provider} ${oneLine(one.model, 80)}`,
    one.host === undefined ? one.tier : `${one.tier} (${one.host})`,
    `good at ${one.goodAt.join(', ') || 'general work'}`,
    costText(one),
    one.contextWindow === undefined ? 'context window not known' : `reads ${formatCount(one.contextWindow)} tokens`,
    `${one.maxConcurrency} at once`,
    ...(one.canOrchestrate ? ['may orchestrate'] : []),
    ...(one.canDelegate ? [] : ['is given no tasks']),
    ...(one.enabled ? [] : ['disabled']),
  ].join(' · ');
}

function costText(one: BackendDescription): string {
  return priceText(one) ?? `cost ${one.costHint ?? 'not known'}`;
}

function checkLines(checked: Checked | undefined, { model }: BackendDescription): readonly string[] {
  if (checked === undefined) return [];
  if (!checked.ok) return [`not there: ${oneLine(describeFailure(checked.error), 600)}`];
  const { models, ms } = checked.value;
  const listed =
    models.length === 0
      ? ''
      : models.includes(model)
        ? ', lists its model'
        : `, but does not list the model ${oneLine(model, 80)}`;
  return [`there (${formatDuration(ms)})${listed}`];
}
