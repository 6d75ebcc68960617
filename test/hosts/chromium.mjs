import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { Problem } from './problem.mjs';
import { run } from './processes.mjs';

const names = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];
const install = 'apt-get update && apt-get install -y --no-install-recommends chromium';

/** A Chromium or Chrome that starts: $CHROMIUM, an installed one, or, as root with apt-get, Debian's, installed now. */
export async function chromium() {
  if (process.env.CHROMIUM) {
    const chosen = onPath(process.env.CHROMIUM);
    if (chosen && (await starts(chosen))) return chosen;
    throw new Problem(
      `CHROMIUM is ${process.env.CHROMIUM}, which does not start. Set it to a Chrome or Chromium program.`,
    );
  }
  const found = await firstThatStarts();
  if (found) return found;
  if (process.getuid?.() !== 0)
    throw new Problem(
      `No Chrome or Chromium was found. Install one, for example:\n\n  sudo sh -c '${install}'\n\nor set CHROMIUM to its path.`,
    );
  console.log(`No Chrome or Chromium was found; installing Debian's: ${install}`);
  const { code, output } = await run('sh', ['-c', install], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    timeoutMs: 900_000,
  });
  const installed = code === 0 ? await firstThatStarts() : undefined;
  if (installed) return installed;
  throw new Problem(
    `${output.trim().split('\n').slice(-15).join('\n')}\n\nChromium could not be installed. Install it by hand:\n\n  ${install}\n\nor set CHROMIUM to the path of a Chrome.`,
  );
}

async function firstThatStarts() {
  for (const program of names.map(onPath)) if (program && (await starts(program))) return program;
  return undefined;
}

/** Absolute path of an executable file, looked up in PATH when the name has no folder. */
function onPath(name) {
  const folders = path.isAbsolute(name) ? [''] : (process.env.PATH ?? '').split(path.delimiter);
  return folders.map((folder) => path.resolve(folder, name)).find(isExecutable);
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Ubuntu's `chromium-browser` may be a stub that only tells to install a snap: so it must print its version. */
function starts(program) {
  return run(program, ['--version', '--no-sandbox'], { timeoutMs: 30_000 }).then(
    ({ code, output }) => code === 0 && /chrom/i.test(output),
    () => false,
  );
}
