import { z } from 'zod';
import { COST_HINTS, PROVIDERS, TIERS } from '../core/backend.ts';
import { BACKEND_FIELDS, type BackendField } from './backend-fields.ts';
import { SECRET_REF_PATTERN } from './secret-ref.ts';

export const ID_PATTERN = /^[A-Za-z0-9][\w.-]{0,63}$/;
const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/;
const MOST_USD_PER_MTOK = 100_000;
const MOST_TOKENS = 100_000_000;

function doc(field: BackendField): { readonly markdownDescription: string } {
  return { markdownDescription: BACKEND_FIELDS[field].text };
}

const selectorText = z.string().trim().min(1).max(200);

const modelName = z
  .string()
  .trim()
  .min(1)
  .max(300)
  .meta({ markdownDescription: 'The name of the model, as the server lists it.' });

const selector = z
  .strictObject({
    vendor: selectorText.optional().meta(doc('model.vendor')),
    family: selectorText.optional().meta(doc('model.family')),
    id: selectorText.optional().meta(doc('model.id')),
    version: selectorText.optional().meta(doc('model.version')),
  })
  .meta({
    markdownDescription: 'Which of the models that VS Code offers; a missing field matches any.',
    minProperties: 1,
  });

const price = z.strictObject({
  input: z.number().min(0).max(MOST_USD_PER_MTOK).meta(doc('cost.input')),
  output: z.number().min(0).max(MOST_USD_PER_MTOK).meta(doc('cost.output')),
});

const costHint = z.enum(COST_HINTS).meta({
  markdownEnumDescriptions: [
    'Costs nothing.',
    'Cheap; the price is not known.',
    'Neither cheap nor dear; the price is not known.',
    'Dear; the price is not known.',
  ],
});

/**
 * One entry of `orchestrator.roster`, as it is written. The one definition of its shape: settings.json gets its
 * completion, hover texts and warnings from it. What goes beyond a shape is checked in read-backend.ts.
 */
export const backendConfigSchema = z.strictObject({
  id: z
    .string()
    .regex(ID_PATTERN)
    .meta({ ...doc('id'), patternErrorMessage: `Expected ${BACKEND_FIELDS.id.expected}.` }),
  provider: z.enum(PROVIDERS).meta({
    ...doc('provider'),
    markdownEnumDescriptions: [
      'Any server that speaks the OpenAI protocol: OpenAI, vLLM, LiteLLM, llama-server, LM Studio, OpenRouter …',
      'Ollama, by its own protocol.',
      'A model that VS Code offers, e.g. of Copilot or of another extension.',
      'The built-in extraction, which is no language model: it quotes passages of your files. Works offline.',
    ],
  }),
  model: z.union([modelName, selector]).optional().meta(doc('model')),
  baseUrl: z
    .string()
    .max(2000)
    .optional()
    .meta({
      ...doc('baseUrl'),
      pattern: '^https?://[^\\s\\\\@?#]+$',
      patternErrorMessage: 'Expected an address such as https://api.example.com/v1, without user name, "?" or "#".',
    }),
  apiKey: z
    .string()
    .regex(SECRET_REF_PATTERN)
    .default('none')
    .meta({
      ...doc('apiKey'),
      patternErrorMessage:
        'Never write a key here. Run "Orchestrator: Add a Backend" to store it and write "secret:NAME", or write "env:NAME" or "none".',
    }),
  tier: z
    .enum(TIERS)
    .optional()
    .meta({
      ...doc('tier'),
      markdownEnumDescriptions: [
        'On this machine: nothing leaves it, and it costs nothing.',
        'Elsewhere, paid as a whole.',
        'Elsewhere, paid by the token. Not chosen by itself unless `#orchestrator.allowApi#` is on.',
      ],
    }),
  goodAt: z.array(z.string().trim().min(1).max(64)).max(64).default([]).meta(doc('goodAt')),
  cost: z.union([price, costHint]).optional().meta(doc('cost')),
  contextWindow: z.int().min(256).max(MOST_TOKENS).optional().meta(doc('contextWindow')),
  maxOutputTokens: z.int().min(1).max(MOST_TOKENS).optional().meta(doc('maxOutputTokens')),
  maxConcurrency: z.int().min(1).max(1000).optional().meta(doc('maxConcurrency')),
  timeoutMs: z.int().min(1000).max(3_600_000).default(120_000).meta(doc('timeoutMs')),
  canOrchestrate: z.boolean().optional().meta(doc('canOrchestrate')),
  canDelegate: z.boolean().optional().meta(doc('canDelegate')),
  enabled: z.boolean().default(true).meta(doc('enabled')),
  headers: z.record(z.string().regex(HEADER_NAME), z.string().max(4000)).default({}).meta(doc('headers')),
  extraBody: z.record(z.string(), z.unknown()).default({}).meta(doc('extraBody')),
});

/** An entry whose shape is right. */
export type BackendConfig = z.infer<typeof backendConfigSchema>;
