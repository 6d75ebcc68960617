/** What `orchestrator` starts. Everything that needs a new Node, or time to load, is imported when it is known to be needed. */
import { endWithStarter, isNodeNewEnough, runUnderOwnNode } from './own-node.ts';

const FAILED = 1;

async function main(): Promise<number> {
  const argv = process.argv.slice(2);
  if (!isNodeNewEnough()) return runUnderOwnNode(import.meta.filename, argv);
  const script = endWithStarter() ?? process.argv[1];
  const [{ runCli }, { createProcessIo }] = await Promise.all([import('./run-cli.ts'), import('./process-io.ts')]);
  const io = createProcessIo(import.meta.dirname, script);
  const exitCode = await runCli(argv, io);
  await io.flushed();
  return exitCode;
}

main().then(
  (exitCode) => process.exit(exitCode),
  (error: unknown) => {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`Something in Orchestrator itself broke; please report it with this text:\n${what}\n`);
    process.exit(FAILED);
  },
);
