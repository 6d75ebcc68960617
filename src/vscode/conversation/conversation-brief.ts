/** What a task was given to do, and why it went where it went. */
import { formatCount, limitFacts } from '../../app/amounts.ts';
import type { TaskState } from '../../core/run-state.ts';
import type { Fact, InputShown, Item } from '../../webview/conversation/conversation-view.ts';
import type { AttemptShelf, Shelf } from './conversation-shelf.ts';

export function briefItem({ spec, files, withheld }: TaskState, shelf: Shelf): readonly Item[] {
  if (spec === null) return [];
  const links = spec.dependsOn.flatMap((id) => shelf.link(id) ?? []);
  const standing = links.map(({ task, title, status }) => `${task} ${title} ${status}`).join('\n');
  const { texts } = shelf;
  return [
    shelf.keep('brief', [spec, files, withheld, standing], () => ({
      kind: 'brief',
      objective: texts.shown('brief.objective', spec.objective),
      facts: briefFacts(spec),
      deliverable: spec.deliverable ?? null,
      needs: links,
      inputs: spec.inputs.map((input, index): InputShown =>
        'path' in input
          ? { kind: 'file', path: input.path }
          : { kind: 'text', text: texts.shown(`brief.input.${index}`, input.text) },
      ),
      given: files.map((file) => ({
        path: file.path,
        note: [
          `${formatCount(file.bytes)} bytes`,
          ...(file.cut === undefined ? [] : [`cut: ${file.cut}`]),
          ...(file.unsaved === true ? ['as in the editor, unsaved'] : []),
          ...(file.localOnly === true ? ['stays on this machine'] : []),
        ].join(', '),
      })),
      withheld: withheld.map(({ path, why }) => ({ path, note: why })),
      earlier: (spec.conversation?.messages ?? []).map(({ role, text }, index) => ({
        role,
        text: texts.shown(`brief.earlier.${index}`, text),
      })),
    })),
  ];
}

function briefFacts(spec: NonNullable<TaskState['spec']>): readonly Fact[] {
  return [
    ...(spec.capability === undefined ? [] : [{ name: 'Capability', value: spec.capability }]),
    ...(spec.target === undefined ? [] : [{ name: 'Target', value: spec.target }]),
    ...(spec.edits === true ? [{ name: 'Edits', value: 'it may propose edits of files' }] : []),
    ...limitFacts(spec),
  ];
}

/** Why one attempt went where it went. */
export function routeItem({ route }: TaskState, shelf: AttemptShelf): readonly Item[] {
  if (route === null) return [];
  return [
    shelf.keep(`${shelf.prefix}route`, [route], () => ({
      kind: 'route',
      why: route.kind === 'chosen' ? `${route.backend}: ${route.why}` : `No backend fits. ${route.why}`,
      candidates: route.candidates.map(({ backend, verdict, score, why }) => ({
        backend,
        verdict,
        score: verdict === 'refused' ? '' : String(score),
        why,
      })),
    })),
  ];
}
