/** Which backend the model picker means. Pure. */
import { selectorText, type LmSelector } from '../../config/lm-selector.ts';
import type { BackendDescription } from '../../core/backend.ts';
import { LM_VENDOR } from '../ids.ts';

/** A model as the picker names it. */
export interface PickedModel {
  readonly vendor: string;
  readonly family: string;
  readonly id: string;
  readonly version: string;
}

/**
 * The backend that was picked to orchestrate this run; undefined: none was, the roster decides. A model of another
 * extension counts when the roster has it: VS Code picks one by itself too, which the user then did not choose for us.
 */
export function pickedBackend(model: PickedModel, descriptions: readonly BackendDescription[]): string | undefined {
  const enabled = descriptions.filter((description) => description.enabled);
  if (model.vendor === LM_VENDOR) return enabled.find((description) => description.id === model.id)?.id;
  const names = new Set(selectorsOf(model).map(selectorText));
  return enabled.find((description) => description.provider === 'vscode' && names.has(description.model))?.id;
}

/** Every selector that names this model, the most exact first. */
function selectorsOf({ vendor, family, id, version }: PickedModel): readonly LmSelector[] {
  const choices = [{ version }, {}]
    .flatMap((last) => [{ id, ...last }, last])
    .flatMap((rest) => [{ family, ...rest }, rest]);
  return choices.flatMap((rest) => [{ vendor, ...rest }, rest]);
}
