import type { ConversationView, Item, ShownText } from '../../src/webview/conversation/conversation-view.ts';

/** A view of a conversation as text, to be compared whole. */
export function shownConversation({ head, items, box, isLive }: ConversationView): string {
  const since = head.time?.sinceMs === null ? '' : ` and since ${head.time?.sinceMs}`;
  const time = head.time === null ? '' : ` · ${head.time.ms} ms${since}`;
  return [
    `${head.title} [${head.status.icon}: ${head.status.words}]${isLive ? ' live' : ''}`,
    `${head.facts.map(({ name, value }) => `${name} ${value}`).join(' · ')}${time}`,
    '',
    ...items.flatMap((item) => lines(item, '')),
    '',
    ...(box.question === null ? [] : [`? ${box.asks === 'you' ? '' : `${box.asks}: `}${text(box.question)}`]),
    box.send === null ? `(${box.whyNot})` : `> ${box.send.placeholder} [${box.send.label}: ${box.send.hint}]`,
    ...box.buttons.map(({ label, hint }) => `[${label}] ${hint}`),
    '',
  ].join('\n');
}

function lines(item: Item, indent: string): readonly string[] {
  return [
    `${indent}${item.key} ${item.kind}`,
    ...body(item).map((line) => `${indent}    ${line}`),
    ...inside(item, indent),
  ];
}

function inside(item: Item, indent: string): readonly string[] {
  return item.kind === 'attempt' ? item.items.flatMap((one) => lines(one, `${indent}    `)) : [];
}

function body(item: Item): readonly string[] {
  switch (item.kind) {
    case 'brief':
      return [
        text(item.objective),
        ...item.facts.map(({ name, value }) => `${name}: ${value}`),
        ...(item.deliverable === null ? [] : [`done when ${item.deliverable}`]),
        ...item.needs.map(({ task, title, status }) => `needs ${task} "${title}", ${status}`),
        ...item.inputs.map((input) => `input ${input.kind === 'file' ? input.path : text(input.text)}`),
        ...item.given.map(({ path, note }) => `given ${path}: ${note}`),
        ...item.withheld.map(({ path, note }) => `withheld ${path}: ${note}`),
        ...item.earlier.map(({ role, text: said }) => `earlier ${role}: ${text(said)}`),
      ];
    case 'route':
      return [item.why, ...item.candidates.map((one) => `${one.backend} ${one.verdict} ${one.score}: ${one.why}`)];
    case 'note':
      return [
        `${item.text}${item.link === null ? '' : ` -> ${item.link.run}/${item.link.task} (${item.link.status})`}`,
      ];
    case 'message':
      return [
        `${item.name}${item.asks === null ? '' : item.asks === 'you' ? ' asks' : ` asks ${item.asks}`}${item.meta === '' ? '' : ` · ${item.meta}`}${item.isOpen ? ' …' : ''}`,
        `${item.isData ? 'data ' : ''}${text(item.text)}`,
      ];
    case 'failure':
      return [
        `${item.title}${item.meta === '' ? '' : ` · ${item.meta}`}`,
        `${item.message} ${item.whatToDo}`,
        ...(item.partial === null ? [] : [text(item.partial)]),
      ];
    case 'tool':
      return [`${item.name} ${item.brief} · ${item.outcome} · ${item.time}`];
    case 'reading':
      return [
        `${item.done} of ${item.parts.length}`,
        ...item.parts.map(({ title, state, note }) => `${title}: ${state} · ${note}`),
        ...item.unread.map((piece) => `unread ${piece}`),
      ];
    case 'result':
      return [`${item.title}${item.meta === '' ? '' : ` · ${item.meta}`}`, text(item.text), ...item.notes];
    case 'edits':
      return item.files.map(
        ({ path, change, added, removed, canOpen }) => `${path} ${change} +${added} -${removed}${canOpen ? ' ->' : ''}`,
      );
    case 'checks':
      return [
        item.verdict,
        ...item.checks.map(
          ({ check, outcome, why, notes }) =>
            `${outcome}: ${check}${notes.map((note) => ` (${note})`).join('')}${why === '' ? '' : `: ${why.replaceAll('\n', '\\n')}`}`,
        ),
      ];
    case 'problems':
      return item.problems;
    case 'spend':
      return [
        item.total,
        ...item.rows.map((row) => `${row.backend} ${row.calls} ${row.input} ${row.output} ${row.cost}`),
      ];
    case 'attempt':
      return [item.title];
  }
}

function text({ text: shown, more }: ShownText): string {
  return `${shown.replaceAll('\n', '\\n')}${more === undefined ? '' : ` (${more.bytes} by ${more.key})`}`;
}
