/** Elements without markup: all text goes in as text. */

type Child = Node | string | null | undefined;

interface ElementOptions {
  readonly class?: string;
  readonly text?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly onClick?: (event: MouseEvent) => void;
}

export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  options: ElementOptions = {},
  children: readonly Child[] = [],
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  if (options.class !== undefined) element.className = options.class;
  if (options.text !== undefined) element.textContent = options.text;
  for (const [name, value] of Object.entries(options.attributes ?? {})) element.setAttribute(name, value);
  if (options.onClick !== undefined) element.addEventListener('click', options.onClick as EventListener);
  for (const child of children) if (child !== null && child !== undefined) element.append(child);
  return element;
}

/** A button that looks like a link. */
export function linkButton(
  text: string,
  onClick: () => void,
  attributes: Readonly<Record<string, string>> = {},
): HTMLButtonElement {
  return make('button', { class: 'link', text, attributes: { type: 'button', ...attributes }, onClick });
}

/** Seen by screen readers alone. */
export function spoken(text: string): HTMLSpanElement {
  return make('span', { class: 'spoken', text });
}

export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no #${id}`);
  return found;
}
