import { inModules, root } from '../hosts/places.mjs';
import { checked, oneOf, sum } from './outcome.mjs';
import { plant, unplant } from './plant.mjs';

/** A file of src/core that breaks these rules, each once at least. */
const planted = `export default 1;
declare const later: () => Promise<number>;
declare const loose: any;
declare const maybe: string | undefined;
export type Kind = { readonly kind: 'a' } | { readonly kind: 'b' };
export function planted(kind: Kind, a: number, b: number, c: number): number {
  later();
  console.log(loose.member, maybe!.length, fetch);
  switch (kind.kind) {
    case 'a':
      return a + b + c;
  }
  return loose;
}
`;

const bitten = [
  'import(no-default-export)',
  'typescript(no-floating-promises)',
  'typescript(no-explicit-any)',
  'typescript(no-unsafe-member-access)',
  'typescript(no-unsafe-return)',
  'typescript(no-non-null-assertion)',
  'typescript(switch-exhaustiveness-check)',
  'eslint(no-console)',
  'eslint(max-params)',
  'eslint(no-restricted-globals)',
];

/** oxlint, type-aware, over everything; and its rules seen to bite, so that one without types or rules does not pass. */
export async function lint(context) {
  const real = oneOf('oxlint', await oxlint(context, root));
  return sum([real, await rulesBite(context)]);
}

async function rulesBite(context) {
  const file = 'src/core/planted-lint.ts';
  const folder = plant('lint', { [file]: planted });
  try {
    const { output } = await oxlint(context, folder, ['--no-ignore', file]);
    const missed = bitten.filter((name) => !output.includes(name));
    return checked('lint rules bite', missed.length > 0 ? `${missed.join(', ')} did not:\n${output}` : undefined);
  } finally {
    unplant(folder);
  }
}

function oxlint({ node, run }, cwd, args = []) {
  const tool = [inModules('oxlint/bin/oxlint'), '--type-aware', '--deny-warnings', '--format', 'unix'];
  return run(node, [...tool, ...args], { cwd, timeoutMs: 180_000 });
}
