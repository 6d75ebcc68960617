/** All tools of a server, page after page. One that is odd does not take the others with it. */
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import * as z from 'zod';
import type { Clock } from '../../base/clock.ts';
import { listedTool, type ListedTool } from './listed-tool.ts';

const LIST_MS = 30_000;
const MOST_TOOLS = 1_000;
const MOST_PAGES = 50;

const PageSchema = z.looseObject({ tools: z.array(z.unknown()), nextCursor: z.string().optional() });

export async function listTools(
  client: Client,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<readonly ListedTool[]> {
  const untilMs = clock.monotonicMs() + LIST_MS;
  const tools = new Map<string, ListedTool>();
  const cursors = new Set<string>();
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES && tools.size < MOST_TOOLS; page++) {
    const params = cursor === undefined ? {} : { cursor };
    const timeout = Math.max(1, untilMs - clock.monotonicMs());
    const listed = await client.request({ method: 'tools/list', params }, PageSchema, { timeout, signal });
    for (const raw of listed.tools.slice(0, MOST_TOOLS)) {
      const tool = listedTool(raw);
      if (tool !== undefined && tools.size < MOST_TOOLS) tools.set(tool.name, tool);
    }
    cursor = listed.nextCursor;
    if (cursor === undefined || cursors.has(cursor)) break;
    cursors.add(cursor);
  }
  return [...tools.values()];
}
