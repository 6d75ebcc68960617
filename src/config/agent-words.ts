import { AGENT_TOOLS } from './agent-schema.ts';
import type { ShapeWords } from './shape-faults.ts';

/** What the fields of an agent should be, for messages. */
export const AGENT_WORDS: ShapeWords = {
  fields: {
    name: { expected: 'a name of small letters, digits and hyphens', example: '"name": "reviewer"' },
    description: { expected: 'a sentence', example: '"description": "Looks for what is wrong."' },
    personality: {
      expected: 'a text of at most 20000 characters',
      example: '"personality": "You review the work of others."',
    },
    capability: { expected: 'one word for what its backend is good at', example: '"capability": "code"' },
    target: { expected: 'the id of a backend in the roster', example: '"target": "gpt"' },
    tools: {
      expected: `a list of tools (${AGENT_TOOLS.join(', ')}, or SERVER/TOOL)`,
      example: '"tools": ["read_file"]',
    },
    edits: { expected: 'true or false', example: '"edits": false' },
    maxTokens: { expected: 'a whole number of tokens, at least 1', example: '"maxTokens": 4000' },
  },
  whole: { expected: 'an object with the fields of an agent', example: '{"name": "reviewer"}' },
  secret: new Set(),
};
