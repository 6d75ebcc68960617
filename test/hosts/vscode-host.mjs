import path from 'node:path';
import { chromium } from './chromium.mjs';
import { codeServer, codeServerVersion } from './code-server.mjs';
import { desktopVsCode } from './desktop.mjs';
import { Problem } from './problem.mjs';

const program = (file) => path.join(import.meta.dirname, file);
let chosen;

/**
 * The VS Code that suites run in: `{name, executable, env}`. Desktop VS Code where it can be had, else VS Code's server
 * build in a headless browser; VSCODE_HOST=desktop or VSCODE_HOST=web asks for one of them. Installs what is missing,
 * once, and says so.
 */
export function vsCodeHost(node) {
  chosen ??= choose(node);
  return chosen;
}

async function choose(node) {
  const wanted = process.env.VSCODE_HOST;
  if (wanted && !['desktop', 'web'].includes(wanted))
    throw new Problem(`VSCODE_HOST is "${wanted}"; it can be "desktop" or "web".`);
  const desktop = wanted === 'web' ? { missing: 'VSCODE_HOST=web asks for the other' } : await desktopVsCode();
  if (desktop.executable) return desktopHost(desktop.executable);
  if (wanted === 'desktop')
    throw new Problem(
      `Desktop VS Code cannot be used: ${desktop.missing}. Leave VSCODE_HOST out to use VS Code's server build.`,
    );
  return webHost(node, desktop.missing);
}

function desktopHost(executable) {
  return { name: 'desktop VS Code', executable: program('code-desktop.mjs'), env: { CODE_HOST_DESKTOP: executable } };
}

async function webHost(node, why) {
  const browser = await chromium();
  const server = await codeServer(node);
  const env = { CODE_HOST_SERVER: server, CODE_HOST_CHROMIUM: browser };
  const name = `VS Code's server build (code-server ${codeServerVersion}) in headless Chromium, because ${why}`;
  return { name, executable: program('web/code-web.mjs'), env };
}
