/** The plans of the run graph's suite, and the replies to their tasks. */

export interface GraphPlanTask {
  readonly id: string;
  readonly title: string;
  readonly capability: string;
  readonly mode?: 'autonomous' | 'interactive' | 'hybrid';
  readonly parent?: string;
  readonly dependsOn?: readonly string[];
  readonly inputs?: readonly string[];
}

/** Twelve tasks about the sample workspace. */
export const TWELVE: readonly GraphPlanTask[] = [
  { id: 'bucket', title: 'Read the token bucket', capability: 'long-context' },
  { id: 'window', title: 'Read the sliding window', capability: 'long-context' },
  { id: 'settings', title: 'List the settings', capability: 'grunt' },
  { id: 'sweep', title: 'Forget idle clients', capability: 'code', dependsOn: ['bucket', 'window'] },
  { id: 'name', title: 'Name the setting', capability: 'reasoning', mode: 'interactive', dependsOn: ['settings'] },
  {
    id: 'limits',
    title: 'Choose the limits',
    capability: 'reasoning',
    mode: 'hybrid',
    dependsOn: ['settings', 'window'],
  },
  { id: 'tests', title: 'Write the tests', capability: 'code', dependsOn: ['sweep', 'name'] },
  { id: 'unit', title: 'Test an idle client', capability: 'code', parent: 'tests', dependsOn: ['tests'] },
  { id: 'load', title: 'Measure the memory', capability: 'code', parent: 'tests', dependsOn: ['tests', 'limits'] },
  { id: 'page', title: 'Write the page about the setting', capability: 'grunt', dependsOn: ['name'] },
  { id: 'note', title: 'Write the release note', capability: 'grunt', dependsOn: ['page', 'sweep'] },
  { id: 'review', title: 'Review all of it', capability: 'reasoning', dependsOn: ['unit', 'load', 'note'] },
];

const MODULES = 20;

/** Whose tasks are further than those of the others when 64 are at work. */
const AHEAD = 8;

/** 200 tasks: twenty modules of ten each, but for the last, in whose place is a page about all of them. */
export function twoHundred(): readonly GraphPlanTask[] {
  const tasks = Array.from({ length: MODULES }, (_, index) => moduleTasks(index + 1)).flat();
  const reviews = tasks.filter(({ id }) => id.endsWith('review')).map(({ id }) => id);
  return [...tasks, { id: 'page', title: 'Write the page', capability: 'page', dependsOn: reviews }];
}

function moduleTasks(number: number): readonly GraphPlanTask[] {
  const id = (name: string): string => `m${number}-${name}`;
  const one = (name: string, title: string, more: Partial<GraphPlanTask> = {}): GraphPlanTask => ({
    id: id(name),
    title: `${title} ${number}`,
    capability: `team-${(number % 4) + 1}`,
    ...more,
  });
  return [
    one('survey', 'Survey module'),
    ...['api', 'store', 'views', 'jobs'].map((part) =>
      one(part, `Read the ${part} of`, { parent: id('survey'), dependsOn: [id('survey')] }),
    ),
    one('design', 'Design module', { dependsOn: ['api', 'store', 'views', 'jobs'].map(id) }),
    one('write', 'Write module', { dependsOn: [id('design')] }),
    one('unit', 'Test module', { dependsOn: [id('write')] }),
    ...(number === MODULES ? [] : [one('load', 'Measure module', { dependsOn: [id('write')] })]),
    one('review', 'Review module', { dependsOn: number === MODULES ? [id('unit')] : [id('unit'), id('load')] }),
  ];
}

/** 48 readings and 16 tests: 64 tasks, all at once. */
export function isHeld(title: string): boolean {
  const number = Number(/\d+$/.exec(title)?.[0] ?? 0);
  if (number === 0) return false;
  return number <= AHEAD ? /^(Test|Measure)/.test(title) : /^Read/.test(title);
}

/** Titles that load or run something where they are taken for more than text. */
export function hostile(beacon: string): readonly GraphPlanTask[] {
  return [
    { id: 'a', title: `<img src="${beacon}/a.png" onerror="fetch('${beacon}/a')">`, capability: 'code' },
    { id: 'b', title: `<script src="${beacon}/b.js"></script><b>bold</b>`, capability: 'code', dependsOn: ['a'] },
    {
      id: 'c',
      title: `"><svg onload=alert(1)> ![x](${beacon}/c.png)`,
      capability: 'code',
      parent: 'a',
      dependsOn: ['b'],
    },
    { id: 'd', title: `url(${beacon}/d) javascript:alert(1) \u202Etxt.exe`, capability: 'code', parent: 'a' },
  ];
}
