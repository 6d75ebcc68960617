/**
 * Loaded with `--import` into VS Code's server, which hands it on to the extension host that it forks.
 * code-server lets every extension use proposed API; desktop VS Code throws. This puts the check back, in memory only,
 * so that a call which a published extension may not make fails here too.
 */
import { registerHooks } from 'node:module';

const refusal =
  /if\(!([\w$]+)\(\w,\w\)\)throw new Error\(`Extension '\$\{\w\.identifier\.value\}' CANNOT use API proposal/;

export function restoreCheck(source) {
  const name = refusal.exec(source)?.[1];
  if (!name) return undefined;
  const escaped = name.replaceAll('$', String.raw`\$`);
  const always = new RegExp(`function ${escaped}\\((\\w),(\\w)\\)\\{return!0\\}`);
  if (!always.test(source)) return undefined;
  return source.replace(
    always,
    (_, extension, proposal) =>
      `function ${name}(${extension},${proposal}){return!!${extension}.enabledApiProposals?.includes(${proposal})}`,
  );
}

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    if (!url.endsWith('/extensionHostProcess.js')) return loaded;
    const source = restoreCheck(String(loaded.source));
    if (!source)
      throw new Error(`The check of proposed API was not found in ${url}; this build of code-server is not known.`);
    return { ...loaded, source };
  },
});
