import * as Q from './retrieval-questions.ts';
import { readPackage, answerPlaces } from './package-sources.ts';
import { rankPassages } from '../../../src/backends/embedded/rank.ts';
import { rankInSlices } from '../../../src/backends/embedded/rank-in-slices.ts';
import { parsePassages } from '../../../src/backends/embedded/passage-text.ts';
import { EmbeddedBackend } from '../../../src/backends/embedded/backend.ts';
import { systemClock } from '../../../src/base/clock.ts';
const set = (Q as any)[process.argv[2] ?? 'tuning'];
const signal = new AbortController().signal;
const backend = new EmbeddedBackend({ id: 'e', features: [] } as any, systemClock);
const ask = async (subject: any) => { const o = await backend.chat({ subject, messages: [] } as any, { signal, onText: () => {} }); return (o as any).text as string; };
async function product(q: string, sources: any[]) {
  const plan = JSON.parse(await ask({ kind: 'decompose', request: q, menu: [], files: sources.map((s) => ({ path: s.path, bytes: Buffer.byteLength(s.text) })), attached: [], maxTasks: 20 }));
  if (plan.decision !== 'plan') return { r: [], tasks: 0 };
  const byPath = new Map(sources.map((s) => [s.path, s]));
  const results = [];
  for (const t of plan.tasks) results.push({ task: t.id, title: t.title, partial: false, text: await ask({ kind: 'task', title: t.title, objective: t.objective, capability: t.capability, results: [], inputs: t.inputs.map((i: any) => ({ path: i.path, text: byPath.get(i.path)!.text, firstLine: 1, localOnly: false })) }) });
  const text = await ask({ kind: 'synthesize', request: q, results, missing: [] });
  return { r: parsePassages(text).slice(0, 5), tasks: plan.tasks.length };
}
for (const how of ['whole', 'slices', 'product'] as const) {
  let hit = 0, n = 0, unans = 0, un = 0, ms = 0, chars = 0, tasks = 0;
  for (const p of set.packages) {
    const sources = readPackage(p);
    const run = async (q: string) => {
      const t = performance.now();
      let r: any;
      if (how === 'whole') r = rankPassages(q, sources, { limit: 5 });
      else if (how === 'slices') r = await rankInSlices(q, sources, { limit: 5, signal });
      else { const x = await product(q, sources as any); r = x.r; tasks = Math.max(tasks, x.tasks); }
      ms += performance.now() - t; chars += sources.reduce((a, s) => a + s.text.length, 0);
      return r;
    };
    for (const q of set.answerable.filter((x: any) => x.package === p.package)) {
      const places = answerPlaces(q, sources); const r = await run(q.question); n++;
      if (r.some((x: any) => places.some(({ file, line }) => x.path === file && x.startLine <= line && x.endLine >= line))) hit++;
    }
    for (const q of set.unanswerable.filter((x: any) => x.package === p.package)) { un++; if ((await run(q.question)).length === 0) unans++; }
  }
  console.log(how, `${hit}/${n}`, `none ${unans}/${un}`, `${(chars / ms / 1000).toFixed(1)} MB/s`, tasks);
}
