/** A reading by extraction: each passage is a claim that quotes itself, so that it is looked up in the file like any other. */
import type { Subject } from '../../core/backend.ts';
import { readBrief } from './brief.ts';
import { leftOutNote, namedSources } from './do-task.ts';
import { fileOf, passageBody } from './passage-text.ts';
import { rankInSlices } from './rank-in-slices.ts';
import { nothingFound } from './wording.ts';

type Reading = Extract<Subject, { readonly kind: 'read' }>;
type Reduction = Extract<Subject, { readonly kind: 'reduce' }>;

const PASSAGES = 8;

/** The reply as JSON. Of a part nothing is said that it does not hold: the others hold it perhaps. */
export async function readClaims({ objective, inputs, part }: Reading, signal: AbortSignal): Promise<string> {
  const { question, filesLeftOut } = readBrief(objective);
  const sources = namedSources(inputs);
  const passages = await rankInSlices(question, sources, { limit: PASSAGES, signal });
  const claims = passages.map((passage) => {
    const path = fileOf(passage);
    const quotes = path === undefined ? [] : [{ path, line: passage.startLine, text: passage.text }];
    return { text: passageBody(passage), quotes };
  });
  const notes = [
    ...(passages.length === 0 ? [nothingFound(sources.length)] : []),
    ...(filesLeftOut === 0 ? [] : [leftOutNote(filesLeftOut)]),
  ];
  return JSON.stringify({ claims, missing: part === undefined ? notes.join('\n\n') : '' });
}

/** All of them, as they are: nothing is written here. */
export function keepClaims({ claims }: Reduction): string {
  return JSON.stringify({ claims: claims.map(({ id, text }) => ({ text, from: [id] })), missing: '' });
}

/** What it quotes is there word for word; what is not found was somebody else's. */
export const NO_CORRECTIONS = JSON.stringify({ quotes: [] });
