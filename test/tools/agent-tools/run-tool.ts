import { createToolBox } from '../../../src/tools/agent-tools/tool-box.ts';
import type { MapFiles } from './map-files.ts';

const { signal } = new AbortController();

/** What the model is told; a refusal begins with `refused: `. */
export async function runTool(files: MapFiles, name: string, args: unknown): Promise<string> {
  const outcome = await createToolBox().run({ id: '1', name, arguments: args }, files, signal);
  return `${outcome.isOk ? '' : 'refused: '}${outcome.text}`;
}
