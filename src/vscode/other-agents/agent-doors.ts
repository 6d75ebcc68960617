/**
 * The engine's tools for other agents, inside VS Code.
 *
 * Owns: one set of tools for each way in, one HTTP door. Does not own: what a tool does (src/mcp), what VS Code asks before it.
 *
 * 1. Nothing is loaded and no port is listened on before an agent or VS Code wants it.
 * 2. A door that could not be opened is tried again by who wants it next.
 * 3. After `dispose` the door is closed, with its sessions and their calls.
 */
import type * as vscode from 'vscode';
import type { EngineTool } from '../../mcp/engine-tool.ts';
import type { HttpDoor } from '../../mcp/http-door.ts';
import type { Mcp } from '../../mcp/open-mcp.ts';
import type { ShellDeps } from '../shell-deps.ts';

/** Of runs that they start: `lm-tool` VS Code's own agents, `mcp` clients of the server. */
type Source = 'lm-tool' | 'mcp';

export class AgentDoors implements vscode.Disposable {
  readonly #deps: ShellDeps;
  readonly #version: string;
  readonly #opened = new Map<Source, Promise<Mcp>>();
  #door: Promise<HttpDoor> | undefined;
  #isDisposed = false;

  constructor(deps: ShellDeps, version: string) {
    this.#deps = deps;
    this.#version = version;
  }

  /** Rejects when the engine cannot be opened. Undefined: there is no such tool now. */
  async tool(name: string): Promise<EngineTool | undefined> {
    const { tools } = await this.#open('lm-tool');
    return tools.find((tool) => tool.name === name);
  }

  /** On 127.0.0.1, with a token that only VS Code is told. */
  http(): Promise<HttpDoor> {
    this.#door ??= this.#openDoor().catch((error: unknown) => {
      this.#door = undefined;
      throw error;
    });
    return this.#door;
  }

  dispose(): void {
    this.#isDisposed = true;
    void this.#door
      ?.then((door) => door.close())
      .catch((error: unknown) => this.#deps.log.error('Closing the MCP server failed', error));
  }

  #open(source: Source): Promise<Mcp> {
    const known = this.#opened.get(source);
    if (known !== undefined) return known;
    const opening = this.#load(source).catch((error: unknown) => {
      this.#opened.delete(source);
      throw error;
    });
    this.#opened.set(source, opening);
    return opening;
  }

  async #load(source: Source): Promise<Mcp> {
    const { engine, consent, log } = this.#deps;
    const opened = await engine.open();
    const { openMcp } = await import('../../mcp/open-mcp.ts');
    return openMcp({
      engine: opened,
      options: opened.options,
      source,
      isHostAllowed: (host) => consent.decided(host),
      nextSteps: {
        apply: () => 'The user reviews and applies them in the Orchestrator view.',
        resume: () => 'The user can resume it in the Orchestrator view.',
      },
      version: this.#version,
      logger: log,
    });
  }

  async #openDoor(): Promise<HttpDoor> {
    const mcp = await this.#open('mcp');
    const opened = await mcp.openHttp({ port: 0 });
    if (!opened.ok) throw new Error(`The MCP server cannot be started: a port ${opened.error}.`);
    if (this.#isDisposed) await opened.value.close();
    return opened.value;
  }
}
