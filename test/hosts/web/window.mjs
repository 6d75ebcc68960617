import { chromium } from 'playwright-core';

const START_TIMEOUT_MS = 90_000;
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The caller ends it after the server: with Playwright's own handlers of signals the server would be left. */
export function startBrowser(executable, args = []) {
  return chromium.launch({
    executablePath: executable,
    args: [...flags, ...args],
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
}

/**
 * Opens the workbench in a headless Chromium. In test mode the workbench hands the extension host's console to
 * `onLog(type, line)` and the suite's exit code to `onExit(code)`. Resolves to `{close}` when the workbench is there.
 */
export async function openWindow({ executable, origin, query, size, debuggingPort, agent, onLog, onExit, onCrash }) {
  const [width, height] = size;
  const browser = await startBrowser(executable, debuggingPort ? [`--remote-debugging-port=${debuggingPort}`] : []);
  const context = await browser.newContext({ viewport: { width, height } });
  const page = await context.newPage();
  await page.exposeFunction('codeAutomationLog', (type, parts) => onLog(type, [parts].flat().map(asText).join(' ')));
  await page.exposeFunction('codeAutomationExit', onExit);
  page.on('crash', onCrash);
  page.on('pageerror', (error) => onLog('page', String(error)));
  if (agent) await enableBuiltInChat(page, origin);
  await page.goto(`${origin}/?${query}`);
  await page.waitForSelector('.monaco-workbench', { timeout: START_TIMEOUT_MS });
  return { close: () => browser.close() };
}

const asText = (part) => (typeof part === 'string' ? part : JSON.stringify(part));

/** A fresh profile disables the built-in chat extension unless this migration is marked as done. */
async function enableBuiltInChat(page, origin) {
  await page.goto(`${origin}/version`);
  await page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const opening = indexedDB.open('vscode-web-state-db-global', 1);
        opening.onerror = reject;
        opening.onupgradeneeded = () => opening.result.createObjectStore('ItemTable');
        opening.onsuccess = () => {
          const change = opening.result.transaction('ItemTable', 'readwrite');
          change.objectStore('ItemTable').put('true', 'builtinChatExtensionEnablementMigration');
          change.oncomplete = () => (opening.result.close(), resolve());
        };
      }),
  );
}
