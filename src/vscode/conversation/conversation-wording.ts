import { oneLine } from '../../app/safe-text.ts';
import type { Payload } from '../../core/run-event.ts';

/** A reply that is for the program: one JSON object or array and nothing else. */
export function isData(reply: Payload | null): boolean {
  if (typeof reply !== 'string' || !/^\s*[[{]/.test(reply)) return false;
  try {
    const parsed: unknown = JSON.parse(reply);
    return typeof parsed === 'object';
  } catch {
    return false;
  }
}

/** Of a tool's arguments what tells calls apart: `src/a.ts`, `query: "limit", glob: "src/**"`. */
export function shortArguments(given: Payload): string {
  if (typeof given !== 'string') return '';
  const parsed = parsedFields(given);
  if (parsed === undefined) return oneLine(given, 120);
  const shown = Object.entries(parsed).flatMap(([name, value]) => {
    if (typeof value === 'object' && value !== null) return [];
    const text = oneLine(String(value), 60);
    return [name === 'path' ? text : `${name}: ${text}`];
  });
  return oneLine(shown.join(', '), 160);
}

function parsedFields(given: string): object | undefined {
  try {
    const parsed: unknown = JSON.parse(given);
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}
