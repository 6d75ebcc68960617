/** Two files that questions are asked about. */
export const SERVER = [
  "import { createServer } from 'node:http';",
  '',
  '/** The port is read from the environment, else 8080. */',
  'export function readPort(env: Env): number {',
  "  return Number(env['PORT'] ?? 8080);",
  '}',
].join('\n');
export const GARDEN = [
  '# Roses',
  '',
  'Prune roses in late winter, above a bud that points outward.',
  '',
  '# Tulips',
  '',
  'Plant the bulbs in autumn.',
].join('\n');
