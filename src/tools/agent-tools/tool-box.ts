import type { ToolBox, ToolOutcome } from '../../core/agent/tool-box.ts';
import { applyDiffTool } from './apply-diff-tool.ts';
import { editFileTool } from './edit-file-tool.ts';
import { deleteFileTool, renameFileTool, writeFileTool } from './file-tools.ts';
import { listFilesTool, outlineFileTool, searchFilesTool } from './find-tools.ts';
import { readFileTool } from './read-file-tool.ts';
import { refused } from './tool.ts';
import { quoted } from './wording.ts';

const TOOLS = [
  readFileTool,
  listFilesTool,
  searchFilesTool,
  outlineFileTool,
  editFileTool,
  writeFileTool,
  applyDiffTool,
  deleteFileTool,
  renameFileTool,
];

/** What no tool reaches unless paths are very long. */
const MOST_CHARACTERS = 50_000;

/** The tools that a code task's model works with. They hold no state: everything is in the task's files. */
export function createToolBox(): ToolBox {
  return {
    tools: TOOLS.map(({ spec }) => spec),
    run: async (call, files, signal) => {
      signal.throwIfAborted();
      const tool = TOOLS.find(({ spec }) => spec.name === call.name);
      if (tool !== undefined) return bounded(await tool.run(call.arguments, { files, signal }));
      const names = TOOLS.map(({ spec }) => spec.name).join(', ');
      return refused(`There is no tool ${quoted(call.name)}. The tools are ${names}.`);
    },
  };
}

function bounded({ isOk, text }: ToolOutcome): ToolOutcome {
  if (text.length <= MOST_CHARACTERS) return { isOk, text };
  return { isOk, text: `${text.slice(0, MOST_CHARACTERS).toWellFormed()}\n[cut here; ask for less at a time]` };
}
