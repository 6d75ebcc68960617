import { err, ok } from '../base/result.ts';
import type { Clock } from '../base/clock.ts';
import { discoverOllama } from '../backends/discover-ollama.ts';
import { loadConfig } from '../config/load-config.ts';
import { describeProblem } from '../config/problem.ts';
import { makeBackend } from './make-backend.ts';
import type { BackendTrial, ShellPorts } from './shell.ts';

/** Backends for entries that are not in the settings yet; they are checked as the user's own. */
export function createBackendTrial(ports: ShellPorts, clock: Clock): BackendTrial {
  return {
    backend: (raw) => {
      const config = loadConfig(
        { 'orchestrator.roster': { user: [raw] } },
        { isTrusted: true, insideVsCode: ports.lmBackend !== undefined },
      );
      const [entry] = config.roster;
      if (entry === undefined) return err(config.problems.map(describeProblem));
      const backend = makeBackend(entry, ports, clock);
      return backend === undefined
        ? err([`${entry.description.id}: provider vscode works only inside VS Code.`])
        : ok(backend);
    },
    ollamaModels: async (baseUrl, signal) => {
      const found = await discoverOllama({
        clock,
        logger: ports.logger,
        signal,
        ...(baseUrl === undefined ? {} : { baseUrl }),
      });
      return found.ok ? ok(found.value.map(({ name, contextWindow }) => ({ name, contextWindow }))) : found;
    },
  };
}
