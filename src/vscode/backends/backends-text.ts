/** How a row of the Backends view looks and reads. Plain data, so that it is tested without VS Code. */
import { formatCount, formatDuration, formatSpend, formatUsd } from '../../app/amounts.ts';
import { escapeMarkdown, oneLine } from '../../app/safe-text.ts';
import { unreachable } from '../../base/assert.ts';
import type { BackendDescription, CheckReport } from '../../core/backend.ts';
import type { Failure } from '../../core/failure.ts';
import type { BackendHealth } from '../../core/orchestrator.ts';
import type { BackendSpend } from '../../core/ports.ts';
import type { Icon, Row } from '../row.ts';

export type Check =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'checking' }
  | { readonly kind: 'reachable'; readonly report: CheckReport }
  | { readonly kind: 'unreachable'; readonly failure: Failure }
  /** Nobody has allowed its host yet, and a check would already talk to it. */
  | { readonly kind: 'not-asked'; readonly host: string }
  | { readonly kind: 'host-refused'; readonly host: string };

export interface BackendView {
  readonly description: BackendDescription;
  readonly health: BackendHealth | undefined;
  readonly check: Check;
  readonly today: BackendSpend | undefined;
}

export interface BackendRow extends Row {
  readonly tooltip: string;
}

const GRAY = 'disabledForeground';

/** The label is the id; the description: `reachable · 1/4 slots · local · code · $0.0123 today`. */
export function backendRow(view: BackendView): BackendRow {
  const { description, health, today } = view;
  const { id } = description;
  const state = stateWord(view);
  const parts = [
    state,
    `${health?.callsInFlight ?? 0}/${description.maxConcurrency} slots`,
    description.tier,
    ...(description.goodAt.length === 0 ? [] : [description.goodAt.join(', ')]),
    ...(today === undefined ? [] : [`${formatUsd(today.spent)} today`]),
  ];
  return {
    label: id,
    description: oneLine(parts.join(' · '), 300),
    spoken: `${id}, ${state}`,
    icon: iconOf(view),
    contextValue: `backend ${view.check.kind}`,
    isDimmed: !description.enabled,
    tooltip: tooltip(view, state),
  };
}

export function problemRow(problem: string): BackendRow {
  const text = oneLine(problem, 300);
  return {
    label: text,
    description: '',
    spoken: `Problem: ${text}`,
    icon: { name: 'warning', color: 'charts.yellow' },
    contextValue: 'problem',
    isDimmed: false,
    tooltip: `${escapeMarkdown(problem)}\n\nClick to open the roster.`,
  };
}

function stateWord({ description, health, check }: BackendView): string {
  if (!description.enabled) return 'disabled';
  if (health !== undefined && health.restingForMs > 0)
    return `resting for ${formatDuration(Math.ceil(health.restingForMs / 1_000) * 1_000)}`;
  return checkWord(check);
}

function checkWord(check: Check): string {
  switch (check.kind) {
    case 'unknown':
      return 'not checked';
    case 'checking':
      return 'checking';
    case 'reachable':
      return 'reachable';
    case 'unreachable':
      return `not reachable (${check.failure.reason})`;
    case 'not-asked':
      return `not checked: ${check.host} is not allowed yet`;
    case 'host-refused':
      return `you did not allow ${check.host}`;
    default:
      return unreachable(check);
  }
}

const CHECK_ICONS: Readonly<Record<Check['kind'], Icon>> = {
  unknown: { name: 'circle-outline', color: GRAY },
  checking: { name: 'sync~spin', color: 'charts.blue' },
  reachable: { name: 'pass', color: 'charts.green' },
  unreachable: { name: 'error', color: 'charts.red' },
  'not-asked': { name: 'question', color: 'charts.yellow' },
  'host-refused': { name: 'circle-slash', color: GRAY },
};

function iconOf({ description, health, check }: BackendView): Icon {
  if (!description.enabled) return { name: 'circle-slash', color: GRAY };
  if (health !== undefined && health.restingForMs > 0) return { name: 'debug-pause', color: 'charts.yellow' };
  return CHECK_ICONS[check.kind];
}

const MODELS_SHOWN = 12;

function tooltip(view: BackendView, state: string): string {
  const { description, health, check, today } = view;
  const facts: [string, string][] = [
    ['Model', `${description.model} (${description.provider})`],
    ['Data goes to', description.host ?? 'this machine only'],
    ['Tier', description.tier],
    ['Good at', description.goodAt.join(', ') || 'nothing named'],
    ['Price', priceText(description)],
    [
      'Context window',
      description.contextWindow === undefined ? 'not known' : `${formatCount(description.contextWindow)} tokens`,
    ],
    ['May', mayText(description)],
    ['Spent today', today === undefined ? 'nothing' : formatSpend({ ...today.spent, ms: 0 })],
  ];
  const resting =
    health !== undefined && health.restingForMs > 0 ? [`Left alone for a while: ${escapeMarkdown(health.why)}`] : [];
  return [
    `**${escapeMarkdown(description.id)}** · ${escapeMarkdown(state)}`,
    ...resting,
    ...checkText(check),
    facts.map(([name, value]) => `- ${name}: ${escapeMarkdown(value)}`).join('\n'),
  ].join('\n\n');
}

function checkText(check: Check): readonly string[] {
  if (check.kind === 'unreachable')
    return [`${escapeMarkdown(check.failure.message)}\n\n*What to do:* ${escapeMarkdown(check.failure.whatToDo)}`];
  if (check.kind === 'not-asked')
    return ['Its host is asked for once, before anything is sent to it: at the first use, or with "Check Connection".'];
  if (check.kind !== 'reachable') return [];
  const { models, ms } = check.report;
  const more = models.length > MODELS_SHOWN ? ` and ${formatCount(models.length - MODELS_SHOWN)} more` : '';
  const offered = models.length === 0 ? '' : `, offers ${models.slice(0, MODELS_SHOWN).join(', ')}${more}`;
  return [escapeMarkdown(`Answered in ${formatDuration(ms)}${offered}`)];
}

function priceText({ price, costHint, tier }: BackendDescription): string {
  if (price !== undefined) return `$${price.inputUsdPerMTok} in, $${price.outputUsdPerMTok} out, per million tokens`;
  return costHint ?? (tier === 'local' ? 'free' : 'not known');
}

function mayText({ canOrchestrate, canDelegate }: BackendDescription): string {
  const may = [...(canOrchestrate ? ['orchestrate'] : []), ...(canDelegate ? ['be given tasks'] : [])];
  return may.length === 0 ? 'nothing (canOrchestrate and canDelegate are false)' : may.join(', ');
}
