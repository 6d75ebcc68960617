/** Which `vscode.lm` model a roster entry means; an absent field matches any. */
export interface LmSelector {
  readonly vendor?: string;
  readonly family?: string;
  readonly id?: string;
  readonly version?: string;
}

/** Our own language-model vendor. Selecting it would call ourselves. */
export const OWN_VENDOR = 'orchestrator';

/** `copilot/gpt-4o`: what people read where a model name stands. */
export function selectorText(selector: LmSelector): string {
  return [selector.vendor ?? '*', selector.family, selector.id, selector.version]
    .filter((part) => part !== undefined)
    .join('/');
}
