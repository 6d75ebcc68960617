import { err, ok, type Result } from '../base/result.ts';
import type { Clock } from '../base/clock.ts';
import { createBackend, featuresOf } from '../backends/create-backend.ts';
import type { RosterEntry } from '../config/read-backend.ts';
import { resolveSecret } from '../config/secret-ref.ts';
import type { Backend, BackendDescription } from '../core/backend.ts';
import { failure, type Failure } from '../core/failure.ts';
import type { ShellPorts } from './shell.ts';

/** The backend of a roster entry; undefined for provider `vscode` where there is no `vscode.lm`. */
export function makeBackend(entry: RosterEntry, ports: ShellPorts, clock: Clock): Backend | undefined {
  const { provider } = entry.description;
  if (provider === 'vscode') {
    if (ports.lmBackend === undefined || entry.selector === undefined) return undefined;
    return ports.lmBackend({ ...entry.description, features: [] }, entry.selector);
  }
  const description: BackendDescription = { ...entry.description, features: featuresOf(provider) };
  return createBackend({
    description,
    ...(entry.baseUrl === undefined ? {} : { baseUrl: entry.baseUrl }),
    secret: () => secretOf(entry, ports),
    headers: entry.headers,
    extraBody: entry.extraBody,
    allowPlainHttp: entry.allowPlainHttp,
    clock,
    logger: ports.logger,
  });
}

function secretOf(
  entry: RosterEntry,
  ports: ShellPorts,
): Promise<Result<{ readonly value: string } | undefined, Failure>> {
  if (entry.secretRef.kind === 'none') return Promise.resolve(ok(undefined));
  if (entry.origin === undefined) {
    return Promise.resolve(
      err(
        failure('secret-origin', `Backend ${entry.description.id} has no address that a key could belong to.`, {
          whatToDo: 'Set baseUrl, or set apiKey to "none".',
        }),
      ),
    );
  }
  return resolveSecret(entry.secretRef, entry.origin, { secrets: ports.secrets, env: ports.env, level: entry.level });
}
