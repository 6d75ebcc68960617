/** `/spend` and `/help` as text. Pure. */
import { formatSpend } from '../../app/amounts.ts';
import { plural } from '../../base/plural.ts';
import { runTitle, spendByBackend, spendTable } from '../../app/run-text.ts';
import type { BackendDescription } from '../../core/backend.ts';
import type { BackendSpend } from '../../core/ports.ts';
import { addSpend, NO_SPEND, type Spend } from '../../core/spend.ts';
import type { RunState } from '../../core/run-state.ts';
import { PARTICIPANT_NAME } from '../ids.ts';
import { asText } from '../markdown/safe-part.ts';

export function spendText(today: readonly BackendSpend[], last: RunState | undefined): string {
  const total = today.map((row) => row.spent).reduce<Spend>(addSpend, NO_SPEND);
  const day =
    today.length === 0
      ? 'Nothing was spent today.'
      : `**Today:** ${asText(formatSpend({ ...total, ms: 0 }))}\n\n${table(today)}`;
  if (last === undefined || last.spent.iterations === 0) return day;
  const ms = last.endedAtMs === null ? 0 : last.endedAtMs - last.startedAtMs;
  return `${day}\n\n**Last run:** ${asText(runTitle(last))} · ${asText(formatSpend({ ...last.spent, ms }))}\n\n${table(spendByBackend(last))}`;
}

/** Two dollar signs in a row of a table would be read as a formula. */
function table(rows: readonly BackendSpend[]): string {
  return spendTable(rows).replaceAll(/(?<!\\)\$/g, '\\$');
}

export interface RosterWords {
  readonly descriptions: readonly BackendDescription[];
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

export function helpText({ descriptions, problems, warnings }: RosterWords): string {
  const commands = [
    ['/plan', 'shows the plan for a request first; nothing runs before you say so'],
    ['/run', 'runs the plan that waits, or shows the run that goes on'],
    ['/task', 'lists the tasks that wait for you; `/task 2 use tabs` answers or steers one'],
    ['/resume', 'continues a run that was interrupted'],
    ['/spend', 'what was spent today and by the last run'],
  ];
  return [
    'Say what you want once. The orchestrator of your roster answers directly, or breaks it into tasks, each of which goes to the backend that fits it best, as many as possible at the same time. Attach files with `#file` or by dragging them here.',
    `Try: \`@${PARTICIPANT_NAME} Where does this project start, and what are its main parts?\``,
    commands.map(([name, does]) => `- \`@${PARTICIPANT_NAME} ${name}\` ${does}`).join('\n'),
    rosterText(descriptions),
    ...list('What is wrong with the settings', problems),
    ...list('Good to know', warnings),
  ].join('\n\n');
}

/** What an empty message is answered with. */
export function shortHelp(): string {
  return `Type a request after \`@${PARTICIPANT_NAME}\`, for example: *Where does this project start, and what are its main parts?* \`@${PARTICIPANT_NAME} /help\` says more.`;
}

function rosterText(descriptions: readonly BackendDescription[]): string {
  const enabled = descriptions.filter((description) => description.enabled);
  const off = descriptions.length - enabled.length;
  const rows = enabled.map(
    ({ id, model, provider, tier, goodAt, host }) =>
      `| ${asText(id, 64)} | ${asText(`${model} (${provider})`, 100)} | ${tier} | ${asText(goodAt.join(', '), 100)} | ${asText(host ?? 'this machine', 80)} |`,
  );
  const heading = `**Roster:** ${plural(enabled.length, 'backend')}${off === 0 ? '' : `, ${off} disabled`}`;
  return rows.length === 0
    ? heading
    : [
        heading,
        '',
        '| backend | model | tier | good at | data goes to |',
        '| --- | --- | --- | --- | --- |',
        ...rows,
      ].join('\n');
}

function list(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [[`**${title}**`, '', ...lines.map((line) => `- ${asText(line, 500)}`)].join('\n')];
}

export interface ResumeChoice {
  readonly run: string;
  readonly title: string;
  readonly startedAtMs: number;
  readonly tasks: number;
  /** It worked on the folder that is open here: only then it can go on here. */
  readonly isHere: boolean;
}

/** `elsewhere`: so many worked on other folders, and are not among them. */
export function interruptedText(runs: readonly ResumeChoice[], elsewhere = 0): string {
  const others =
    elsewhere === 0 ? [] : ['', `${plural(elsewhere, 'run')} of other folders can go on where those are open.`];
  if (runs.length === 0 && elsewhere > 0) return ['No run of this folder was interrupted.', ...others].join('\n');
  if (runs.length === 0) return 'No run was interrupted: there is nothing to resume.';
  const rows = runs.map(
    ({ run, title, startedAtMs, tasks }) =>
      `- \`${run}\` ${asText(title, 100)} · ${new Date(startedAtMs).toLocaleString()} · ${plural(tasks, 'task')}`,
  );
  return [
    `**${plural(runs.length, 'run')} interrupted.** Nothing of it goes on by itself.`,
    '',
    ...rows,
    '',
    `Continue one with \`@${PARTICIPANT_NAME} /resume <id>\`, or the newest with \`@${PARTICIPANT_NAME} /resume newest\`.`,
    ...others,
  ].join('\n');
}

export type ResumeWish =
  | { readonly kind: 'list' }
  | { readonly kind: 'run'; readonly run: string }
  | { readonly kind: 'unknown'; readonly text: string };

/**
 * What `/resume …` means: nothing lists, unless there is only one of this folder; `newest` is of this folder, too. The beginning
 * of an id names any, so that who names one of another folder is told where it can go on. Newest first.
 */
export function readResume(prompt: string, interrupted: readonly ResumeChoice[]): ResumeWish {
  const wanted = prompt.trim().replaceAll('`', '');
  const here = interrupted.filter(({ isHere }) => isHere);
  const [newest] = here;
  if (
    newest !== undefined &&
    (/^(?:the )?(?:newest|latest|last)$/i.test(wanted) || (wanted === '' && here.length === 1))
  )
    return { kind: 'run', run: newest.run };
  if (wanted === '' || interrupted.length === 0)
    return wanted === '' ? { kind: 'list' } : { kind: 'unknown', text: wanted };
  const matches = interrupted.filter((one) => one.run.startsWith(wanted));
  const [match] = matches;
  return match !== undefined && matches.length === 1
    ? { kind: 'run', run: match.run }
    : { kind: 'unknown', text: wanted };
}
