/** Clients of `orchestrator mcp`: the official SDK's, each with a process of its own or over HTTP, and a bare one. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { RequestOptions } from '@modelcontextprotocol/sdk/shared/protocol.js';
import { buildOnce, CLI } from './built.ts';

export interface Told {
  readonly isError: boolean;
  readonly text: string;
  readonly said: Readonly<Record<string, unknown>>;
}

export interface McpClient {
  readonly client: Client;
  readonly call: (name: string, input?: object, options?: RequestOptions) => Promise<Told>;
  /** What the process wrote to stderr so far; empty over HTTP. */
  readonly err: () => string;
  readonly close: () => Promise<void>;
}

/** Words behind `orchestrator mcp`. */
export async function stdioClient(argv: readonly string[], cwd: string): Promise<McpClient> {
  buildOnce();
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [CLI, 'mcp', ...argv],
    cwd,
    env: { PATH: process.env['PATH'] ?? '', HOME: cwd },
    stderr: 'pipe',
  });
  let err = '';
  transport.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
  return connected(new Client({ name: 'test', version: '1.0.0' }), transport, () => err);
}

export async function httpClient(url: string, token: string): Promise<McpClient> {
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: { authorization: `Bearer ${token}` } },
  });
  return connected(new Client({ name: 'test', version: '1.0.0' }), transport, () => '');
}

type Transport = Parameters<Client['connect']>[0];

async function connected(client: Client, transport: Transport, err: () => string): Promise<McpClient> {
  const errors: Error[] = [];
  client.onerror = (error) => void errors.push(error);
  await client.connect(transport);
  // Knows the output schemas from now on, and holds every result against them.
  await client.listTools();
  return {
    client,
    err,
    call: async (name, input = {}, options) => {
      const result = await client.callTool({ name, arguments: { ...input } }, undefined, options);
      const [content] = result.content as readonly { readonly type: string; readonly text: string }[];
      return {
        isError: result.isError === true,
        text: content?.text ?? '',
        said: (result.structuredContent ?? {}) as Told['said'],
      };
    },
    close: async () => {
      await client.close();
      assert.deepEqual(errors, [], 'nothing came that is not of the protocol');
    },
  };
}

type Message = Readonly<Record<string, unknown>>;

/** A process of `orchestrator mcp` that is sent whatever bytes a test likes. */
export interface BareProcess {
  readonly child: ChildProcessWithoutNullStreams;
  readonly write: (bytes: string | Buffer) => Promise<void>;
  /** Every line that it wrote, each of them JSON. */
  readonly lines: () => readonly Message[];
  /** The first line for which it holds; rejects when the process ends before. */
  readonly line: (holds: (message: Message) => boolean) => Promise<Message>;
  readonly err: () => string;
  readonly ended: Promise<{ readonly exitCode: number | null; readonly signal: NodeJS.Signals | null }>;
}

export const INITIALIZE = {
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'bare', version: '1' } },
};

export function bareProcess(argv: readonly string[], cwd: string): BareProcess {
  buildOnce();
  const child = spawn(process.execPath, [CLI, 'mcp', ...argv], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', HOME: cwd },
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), 60_000);
  let [out, err] = ['', ''];
  const watchers = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    for (const watch of [...watchers]) watch();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  child.stdin.on('error', () => undefined);
  const ended: BareProcess['ended'] = new Promise((resolve) => {
    child.once('close', (exitCode, signal) => {
      clearTimeout(timer);
      resolve({ exitCode, signal });
    });
  });
  const lines = (): readonly Message[] =>
    out
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Message);
  return {
    child,
    lines,
    err: () => err,
    ended,
    write: (bytes) => new Promise((resolve) => void child.stdin.write(bytes, () => resolve())),
    line: (holds) =>
      new Promise((resolve, reject) => {
        const watch = (): void => {
          const found = lines().find(holds);
          if (found === undefined) return;
          watchers.delete(watch);
          resolve(found);
        };
        watchers.add(watch);
        void ended.then(({ exitCode }) => reject(new Error(`It ended with ${exitCode}: ${err}`)));
        watch();
      }),
  };
}
