/**
 * An MCP server of the kind that users have, for tests: over its own input and output, or over HTTP with `--http`, where its
 * first line is `{"url"}`. `--log FILE` takes down what was called, one JSON a line; `--token TEXT` is asked for over HTTP.
 */
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { CallToolRequestSchema, ListToolsRequestSchema, McpError } from '@modelcontextprotocol/sdk/types.js';

const argument = (name) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : undefined);
const log = argument('--log');
const token = argument('--token');
const note = (entry) => log === undefined || appendFileSync(log, `${JSON.stringify({ pid: process.pid, ...entry })}\n`);
const sleep = (ms, signal) =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => resolve(clearTimeout(timer)));
  });
const text = (said, more = {}) => ({ content: [{ type: 'text', text: said }], ...more });

const TOOLS = {
  search: ({ query }) => text(`Found for ${query}: the port is 8431.`),
  count: (() => {
    let calls = 0;
    return () => text(String((calls += 1)));
  })(),
  fail: () => text('The index is broken.', { isError: true }),
  throw: () => {
    throw new Error('no such ticket');
  },
  slow: async ({ ms }, { signal, report }) => {
    for (let waited = 0; waited < ms && !signal.aborted; waited += 50) {
      await sleep(50, signal);
      await report();
    }
    note({ slow: signal.aborted ? 'cancelled' : 'done' });
    return text('slow and done');
  },
  silent: async ({ ms }, { signal }) => {
    await sleep(ms, signal);
    return text('late');
  },
  die: () => {
    process.stderr.write('the disk is on fire\n');
    process.exit(3);
  },
  flood: () => text('x'.repeat(200_000)),
  odd: () => ({
    content: [
      { type: 'image', data: 'AAAA', mimeType: 'image/png' },
      { type: 'resource', resource: { uri: 'doc:/a', text: 'inner' } },
      { type: 'resource_link', uri: 'doc:/b', name: 'b' },
    ],
  }),
  structured: () => ({ content: [], structuredContent: { port: 8431 } }),
  environment: () => text(JSON.stringify(process.env)),
  place: () => text(process.cwd()),
  hidden: () => text('a\u202Eb'),
  quota: () => {
    throw new McpError(-32_000, 'quota exceeded');
  },
  nothing: () => {
    throw new McpError(-32_001, 'no such record');
  },
  secrets: () => text(`I was given ${process.env.GIVEN} and ${token}.`),
};

/** Names that nobody can use, and schemas of all kinds. */
function oddTools() {
  let deep = {};
  for (let depth = 0; depth < 3_000; depth++) deep = { properties: deep };
  return [
    { name: 'a b', inputSchema: { type: 'object' } },
    { name: 'x'.repeat(5_000), inputSchema: { type: 'object' } },
    { name: 'esc\u001b[2J', inputSchema: { type: 'object' } },
    { name: 'bare' },
    { name: 'empty', inputSchema: {} },
    { name: 'deep', inputSchema: { type: 'object', properties: deep } },
    7,
  ];
}

function newServer() {
  const server = new Server(
    { name: 'tools-server', version: '1.0.0' },
    { capabilities: { tools: { listChanged: true } } },
  );
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: Object.keys(TOOLS)
      .map((name) => ({
        name,
        description: `What ${name} does. ${'x'.repeat(name === 'flood' ? 5_000 : 0)}`,
        inputSchema: { type: 'object', properties: name === 'search' ? { query: { type: 'string' } } : {} },
      }))
      .concat(process.argv.includes('--odd-tools') ? oddTools() : []),
    ...(process.argv.includes('--endless') ? { nextCursor: 'more' } : {}),
  }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
    note({ tool: params.name, arguments: params.arguments });
    const { _meta: meta } = params;
    const progressToken = meta?.progressToken;
    let progress = 0;
    const report = async () => {
      if (progressToken !== undefined)
        await extra.sendNotification({
          method: 'notifications/progress',
          params: { progressToken, progress: (progress += 1) },
        });
    };
    return TOOLS[params.name](params.arguments ?? {}, { signal: extra.signal, report });
  });
  return server;
}

note({ started: true });
if (process.argv.includes('--http')) await serveHttp();
else if (process.argv.includes('--dead')) {
  process.stderr.write('no licence found\n');
  process.exit(1);
} else if (process.argv.includes('--mute')) setInterval(() => undefined, 1_000);
else {
  if (process.argv.includes('--noise')) process.stdout.write('Welcome!\n{"half":\n');
  await newServer().connect(new StdioServerTransport());
}

async function serveHttp() {
  const sessions = new Map();
  const http = createServer((request, response) => {
    note({ authorization: request.headers.authorization ?? '', team: request.headers['x-team'] ?? '' });
    if (request.url === '/moved') return void response.writeHead(307, { location: argument('--to') }).end();
    const broken = argument('--broken');
    if (broken !== undefined && request.method === 'GET') {
      note({ get: true });
      return void response.writeHead(200, { 'content-type': 'text/event-stream' }).end('retry: 0\n\n');
    }
    if (token !== undefined && request.headers.authorization !== `Bearer ${token}`)
      return void response.writeHead(401).end(`who is ${request.headers.authorization}?`);
    const id = request.headers['mcp-session-id'];
    if (request.url === '/forget') {
      sessions.clear();
      return void response.end();
    }
    const known = sessions.get(id);
    if (id !== undefined && known === undefined) return void response.writeHead(404).end('no such session');
    void (known ?? open()).then(async (transport) => {
      if (broken === undefined || known === undefined) return transport.handleRequest(request, response);
      const body = Buffer.concat(await request.toArray()).toString();
      if (!body.includes('tools/call')) return transport.handleRequest(request, response, JSON.parse(body));
      note({ tool: 'over HTTP' });
      if (broken === 'reset') return request.socket.destroy();
      if (broken === 'shape') {
        const result = { content: [{ type: 'hologram' }] };
        response.writeHead(200, { 'content-type': 'application/json' });
        return response.end(JSON.stringify({ jsonrpc: '2.0', id: JSON.parse(body).id, result }));
      }
      return response.writeHead(Number(broken)).end('proxy trouble');
    });
  });
  const open = async () => {
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: () => crypto.randomUUID(),
      onsessioninitialized: (id) => void sessions.set(id, Promise.resolve(transport)),
    });
    await newServer().connect(transport);
    return transport;
  };
  http.listen(0, '127.0.0.1', () =>
    process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${http.address().port}/mcp` })}\n`),
  );
}
