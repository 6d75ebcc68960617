/**
 * The tools of the user's MCP servers, and those that the editor knows, as agents may be given them.
 *
 * Owns: one link for each server that the settings name, and which of its tools are allowed. Does not own: the connection
 * (tools/mcp), the record of calls (core).
 *
 * 1. What the user's settings do not name is neither started nor called, whoever asks.
 * 2. A server whose entry changed or went is closed; the others keep their connection.
 * 3. In an untrusted workspace nothing is started. Under `localOnly` no other host is called, and a host is called only after
 *    the user said yes to it once.
 */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import type { Clock } from '../base/clock.ts';
import { err, ok, type Result } from '../base/result.ts';
import { VSCODE_TOOLS } from '../config/mcp-server-schema.ts';
import type { McpAddress, McpProgram, McpServer } from '../config/read-mcp-servers.ts';
import { resolveSecret } from '../config/secret-ref.ts';
import type { OutsideCall, OutsideTool, OutsideTools } from '../core/agent/outside-tools.ts';
import type { ToolOutcome } from '../core/agent/tool-box.ts';
import type { MissingTool } from '../core/run-event.ts';
import type { ListedTool } from '../tools/mcp/listed-tool.ts';
import { McpLink, type OpenedTransport } from '../tools/mcp/mcp-link.ts';
import { addressTransport, programTransport } from '../tools/mcp/mcp-transports.ts';
import type { LiveRoster } from './live-roster.ts';
import { oneLine } from './safe-text.ts';
import type { ShellPorts, ToolSource } from './shell.ts';

export interface ServedTools extends OutsideTools {
  /** What each server has, allowed or not; servers are started for it. */
  sources(signal: AbortSignal): Promise<readonly ToolSource[]>;
  /** After the settings were read anew. */
  changed(): void;
  dispose(): Promise<void>;
}

interface Linked {
  readonly signature: string;
  readonly server: McpServer;
  readonly link: McpLink;
}

interface Parts {
  readonly ports: ShellPorts;
  readonly roster: Pick<LiveRoster, 'config'>;
  readonly clock: Clock;
}

export function createOutsideTools(parts: Parts): ServedTools {
  return new Served(parts);
}

class Served implements ServedTools {
  readonly #parts: Parts;
  readonly #closing = new Set<Promise<void>>();
  #links = new Map<string, Linked>();
  #isClosed = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async find(
    names: readonly string[],
    { localOnly, signal }: Parameters<OutsideTools['find']>[1],
  ): ReturnType<OutsideTools['find']> {
    const found = await Promise.all(names.map((name) => this.#find(name, { localOnly, signal })));
    const tools: OutsideTool[] = [];
    const missing: MissingTool[] = [];
    for (const [index, one] of found.entries()) {
      if (one.ok) tools.push(one.value);
      else missing.push({ name: names[index] ?? '', why: one.error });
    }
    return { tools, missing };
  }

  isHere(name: string): boolean {
    return this.#isHere(parted(name).server);
  }

  async call(asked: OutsideCall, signal: AbortSignal): Promise<ToolOutcome> {
    const { server, tool } = parted(asked.name);
    const whyNot = this.#whyNot(asked.name, asked.localOnly) ?? (await this.#whyNotTold(asked, signal));
    if (whyNot !== undefined) return { isOk: false, text: `It was not called: ${whyNot}` };
    if (server === VSCODE_TOOLS) {
      const { editorTools } = this.#parts.ports;
      if (editorTools === undefined) return { isOk: false, text: `It was not called: ${NO_EDITOR}` };
      return editorTools.call({ ...asked, name: tool }, signal);
    }
    const linked = this.#linked(server);
    if (linked === undefined) return { isOk: false, text: `It was not called: ${NO_SERVER}` };
    const { timeoutMs } = this.#server(server) ?? linked.server;
    return linked.link.call({ tool, arguments: asked.arguments, timeoutMs }, signal);
  }

  async sources(signal: AbortSignal): Promise<readonly ToolSource[]> {
    const { servers, vscodeTools } = this.#parts.roster.config.mcpServers;
    const served = servers.map(async ({ name, tools }): Promise<ToolSource> => {
      const listed = await this.#listed(name, signal);
      return { name, allowed: tools, ...(listed.ok ? { tools: listed.value } : { why: listed.error }) };
    });
    const { editorTools } = this.#parts.ports;
    const editor: readonly ToolSource[] =
      editorTools === undefined ? [] : [{ name: VSCODE_TOOLS, allowed: vscodeTools, tools: editorTools.list() }];
    return [...(await Promise.all(served)), ...editor];
  }

  changed(): void {
    const { options } = this.#parts.roster.config;
    for (const [name, { signature, link }] of this.#links) {
      const server = this.#server(name);
      const stays = server !== undefined && signatureOf(server) === signature;
      if (stays && this.#whyNotThere(name, options.localOnly) === undefined) continue;
      this.#links.delete(name);
      this.#close(link);
    }
  }

  async dispose(): Promise<void> {
    this.#isClosed = true;
    for (const { link } of this.#links.values()) this.#close(link);
    this.#links.clear();
    await Promise.all(this.#closing);
  }

  async #find(
    name: string,
    { localOnly, signal }: Parameters<OutsideTools['find']>[1],
  ): Promise<Result<OutsideTool, string>> {
    const whyNot = this.#whyNot(name, localOnly);
    if (whyNot !== undefined) return err(whyNot);
    return this.#findOne(name, signal).catch((error: unknown) => err(whyOf(error, signal)));
  }

  async #findOne(name: string, signal: AbortSignal): Promise<Result<OutsideTool, string>> {
    const { server, tool } = parted(name);
    const listed = await this.#listed(server, signal);
    if (!listed.ok) return listed;
    const found = listed.value.find((one) => one.name === tool);
    if (found === undefined) return err(`${server} has no tool "${oneLine(tool)}"; ${namesOf(listed.value)}`);
    const { description, parameters } = found;
    return ok({ name, description, parameters, isHere: this.#isHere(server) });
  }

  async #listed(server: string, signal: AbortSignal): Promise<Result<readonly ListedTool[], string>> {
    const { ports, roster } = this.#parts;
    if (!ports.isTrusted()) return err('the workspace is not trusted, so nothing of the kind is started.');
    const whyNot = this.#whyNotThere(server, roster.config.options.localOnly);
    if (whyNot !== undefined) return err(whyNot);
    if (server !== VSCODE_TOOLS) return this.#linked(server)?.link.tools(signal) ?? err(NO_SERVER);
    return ports.editorTools === undefined ? err(NO_EDITOR) : ok(ports.editorTools.list());
  }

  #server(name: string): McpServer | undefined {
    return this.#parts.roster.config.mcpServers.servers.find((one) => one.name === name);
  }

  /** Settings may change while a task is at work: they are asked before each call. */
  #whyNot(name: string, localOnly: boolean): string | undefined {
    const { vscodeTools } = this.#parts.roster.config.mcpServers;
    const { server, tool } = parted(name);
    const tools = server === VSCODE_TOOLS ? vscodeTools : this.#server(server)?.tools;
    if (tools?.includes(tool) === true) return this.#whyNotThere(server, localOnly);
    return `"tools" of "${server}" in orchestrator.mcpServers does not name "${oneLine(tool)}"; add it in your user settings to allow it.`;
  }

  /** What such a tool does with what it is told nobody knows: under `localOnly` VS Code's are shut off like other hosts. */
  #whyNotThere(name: string, localOnly: boolean): string | undefined {
    if ((!localOnly && !this.#parts.roster.config.options.localOnly) || this.#isHere(name)) return undefined;
    const server = this.#server(name);
    const where =
      server?.kind === 'address' ? `it is at ${server.endpoint.host}` : 'where it sends things is not known';
    return `orchestrator.localOnly (--local-only) keeps everything on this machine, and ${where}.`;
  }

  /** An answer may have been taken back, and a server may have moved, since its task began. */
  async #whyNotTold({ name, isHere }: OutsideCall, signal: AbortSignal): Promise<string | undefined> {
    const { server: id } = parted(name);
    if (isHere && !this.#isHere(id)) return 'its server is at another place now than when the task began.';
    const server = this.#server(id);
    if (server?.kind !== 'address') return undefined;
    const refused = await this.#whyNoConsent(server, signal);
    if (refused === undefined) return undefined;
    const linked = this.#links.get(id);
    this.#links.delete(id);
    if (linked !== undefined) this.#close(linked.link);
    return refused;
  }

  async #whyNoConsent({ name, endpoint }: McpAddress, signal: AbortSignal): Promise<string | undefined> {
    if (endpoint.isLoopback) return undefined;
    const mayGo = await this.#parts.ports.approver.consent(endpoint.host, [`MCP server ${name}`], signal);
    return mayGo ? undefined : `you did not allow anything to go to ${endpoint.host}.`;
  }

  #isHere(name: string): boolean {
    const found = this.#server(name);
    return found?.kind === 'program' || found?.endpoint.isLoopback === true;
  }

  #linked(name: string): Linked | undefined {
    const server = this.#server(name);
    if (server === undefined || this.#isClosed) return undefined;
    const signature = signatureOf(server);
    const known = this.#links.get(name);
    if (known?.signature === signature) return known;
    if (known !== undefined) this.#close(known.link);
    const link = new McpLink({
      name,
      open: (signal) => (server.kind === 'program' ? this.#openProgram(server) : this.#openAddress(server, signal)),
      version: this.#parts.ports.version ?? '0.0.0',
      clock: this.#parts.clock,
    });
    const linked = { signature, server, link };
    this.#links.set(name, linked);
    return linked;
  }

  async #openProgram({ command, args, cwd, env }: McpProgram): Promise<Result<OpenedTransport, string>> {
    const folder = this.#parts.ports.folders[0]?.path;
    const needsFolder = [command, ...args, cwd ?? '', ...Object.values(env)].some((text) => text.includes(FOLDER));
    if (needsFolder && folder === undefined) return err(`its entry names ${FOLDER}, and no folder is open.`);
    const filled = (text: string): string => text.replaceAll(FOLDER, folder ?? '');
    const place = cwd === undefined ? homedir() : filled(cwd);
    if (!existsSync(place)) return err(`the folder ${place} of its entry is not there.`);
    const named: Record<string, string> = {};
    const secrets: string[] = [];
    for (const [name, text] of Object.entries(env)) {
      const value = text.startsWith('env:') ? this.#parts.ports.env[text.slice(4)] : filled(text);
      if (value === undefined)
        return err(`the environment variable ${text.slice(4)} is not set; set it before the program starts.`);
      named[name] = value;
      if (text.startsWith('env:')) secrets.push(value);
    }
    return ok(programTransport({ command: filled(command), args: args.map(filled), cwd: place, env: named, secrets }));
  }

  async #openAddress(server: McpAddress, signal: AbortSignal): Promise<Result<OpenedTransport, string>> {
    const { secrets, env } = this.#parts.ports;
    const { endpoint, url, headers, token } = server;
    const refused = await this.#whyNoConsent(server, signal);
    if (refused !== undefined) return err(refused);
    const secret = await resolveSecret(token, endpoint.origin, { secrets, env, level: 'user' });
    if (!secret.ok)
      return err(
        `${secret.error.message} ${secret.error.whatToDo}`
          .replaceAll('"apiKey" of the backend', '"token"')
          .replaceAll('"apiKey"', '"token"'),
      );
    const value = secret.value?.value;
    if (value !== undefined && !/^[\u0021-\u007e]+$/.test(value))
      return err('its token holds characters that no header can carry; store it anew.');
    return ok(addressTransport({ url, token: value, headers }));
  }

  #close(link: McpLink): void {
    const closed = link
      .close()
      .catch((error: unknown) => this.#parts.ports.logger.error('An MCP server could not be closed', error))
      .finally(() => this.#closing.delete(closed));
    this.#closing.add(closed);
  }
}

const FOLDER = '${workspaceFolder}';
const NO_SERVER = 'there is no such server in the settings.';
const NO_EDITOR = 'the tools that VS Code knows are there only inside VS Code.';
const MOST_NAMED = 20;

/** What concerns the connection: which tools are allowed, and how long a call may take, can change while it is there. */
function signatureOf(server: McpServer): string {
  return JSON.stringify({ ...server, tools: [], timeoutMs: 0 });
}

function parted(name: string): { readonly server: string; readonly tool: string } {
  const slash = name.indexOf('/');
  return { server: name.slice(0, slash), tool: name.slice(slash + 1) };
}

function namesOf(tools: readonly ListedTool[]): string {
  if (tools.length === 0) return 'it has none.';
  const names = tools.slice(0, MOST_NAMED).map(({ name }) => oneLine(name));
  return `it has ${names.join(', ')}${tools.length > MOST_NAMED ? ` and ${tools.length - MOST_NAMED} more` : ''}.`;
}

function whyOf(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return 'it was called off.';
  return error instanceof Error ? error.message : 'unknown';
}
