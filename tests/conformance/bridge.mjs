// A plain bridge from HTTP to a stdio server: what "directly" means for a backend that has no address.
// usage: node bridge.mjs COMMAND ARG...
// A session has a process of its own. Requests of 2026-07-28 share one, under ids of the bridge's own.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { listen } from './front.mjs';

const REVISION = '2026-07-28';
const SUBSCRIPTION = 'io.modelcontextprotocol/subscriptionId';

function start(onmessage) {
  const child = spawn(process.argv[2], process.argv.slice(3), { stdio: ['pipe', 'pipe', 'inherit'] });
  createInterface({ input: child.stdout }).on('line', line => onmessage(JSON.parse(line)));
  child.stdin.on('error', () => {}); // it has ended; its sessions notice by themselves
  return { send: message => child.stdin.write(JSON.stringify(message) + '\n'), end: () => child.stdin.end() };
}

/** What belongs to no request by its own words goes with the youngest that is under way. */
const youngest = open => [...open.keys()].at(-1);

async function connect(transport) {
  const open = new Map(); // id of a request under way -> its progress token
  const child = start(message => {
    const token = message.method === 'notifications/progress' ? message.params.progressToken : undefined;
    const related = message.method === undefined ? undefined : [...open].find(([, t]) => t !== undefined && t === token)?.[0] ?? youngest(open);
    void transport.send(message, { relatedRequestId: related });
    if (message.method === undefined)
      open.delete(message.id);
  });
  transport.onmessage = message => {
    if (message.id !== undefined && message.method !== undefined)
      open.set(message.id, message.params?._meta?.progressToken);
    child.send(message);
  };
  transport.onclose = () => child.end();
  await transport.start();
}

// --- 2026-07-28 ---

const exchanges = new Map(); // our id -> { id, token, write, end }
let last = 0;
const shared = start(message => {
  if (message.method === undefined) {
    exchanges.get(message.id)?.end(message);
    exchanges.delete(message.id);
    return;
  }
  const mine = message.params?._meta?.[SUBSCRIPTION] ?? (message.method === 'notifications/progress' ? message.params.progressToken : youngest(exchanges));
  exchanges.get(mine)?.write(message);
});

function ask(request, { write = () => {}, signal } = {}) {
  const id = ++last;
  const token = request.params?._meta?.progressToken;
  const params = token === undefined ? request.params : { ...request.params, _meta: { ...request.params._meta, progressToken: id } };
  return new Promise(resolve => {
    exchanges.set(id, {
      write: ({ params, ...message }) => {
        const own = { ...params };
        if (own._meta?.[SUBSCRIPTION] === id)
          own._meta = { ...own._meta, [SUBSCRIPTION]: request.id };
        if (own.progressToken === id)
          own.progressToken = token;
        write({ ...message, params: own });
      },
      end: message => resolve({ ...message, id: request.id }),
    });
    signal?.addEventListener('abort', () => {
      // Closing the stream is the cancel.
      if (exchanges.delete(id))
        shared.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id, _meta: request.params?._meta } });
      resolve(undefined);
    });
    shared.send({ ...request, id, params });
  });
}

const refuse = (id, status, code, message, data) =>
  Response.json({ jsonrpc: '2.0', id: id ?? null, error: { code, message, ...data !== undefined && { data } } }, { status });

// MCP 2026-07-28, Streamable HTTP: 404 for an unknown method; 400 for what the client got wrong about the protocol.
const statusOf = ({ error }) => error?.code === -32601 ? 404 : error && error.code <= -32020 && error.code >= -32022 ? 400 : 200;

// A value that a header cannot hold as it is comes as =?base64?...?=; undefined when it is not written as it should be.
function decoded(header) {
  const wrapped = header?.match(/^=\?base64\?(.*)\?=$/s)?.[1];
  if (wrapped === undefined)
    return header;
  const value = Buffer.from(wrapped, 'base64').toString();
  return Buffer.from(value).toString('base64') === wrapped ? value : undefined;
}

/** The header that says something else than the body, or leaves out what it says, else undefined. */
async function wrongHeader({ headers }, { method, params }) {
  if (headers.get('mcp-method') !== method)
    return 'Mcp-Method';
  const name = { 'tools/call': params.name, 'prompts/get': params.name, 'resources/read': params.uri }[method];
  if (name !== undefined && decoded(headers.get('mcp-name')) !== name)
    return 'Mcp-Name';
  if (method !== 'tools/call')
    return undefined;
  const list = await ask({ jsonrpc: '2.0', id: 0, method: 'tools/list', params: { _meta: params._meta } });
  const properties = list.result?.tools.find(tool => tool.name === params.name)?.inputSchema.properties ?? {};
  return Object.entries(properties)
    .filter(([property, { 'x-mcp-header': mirror }]) => {
      const value = params.arguments?.[property];
      return mirror !== undefined && decoded(headers.get(`mcp-param-${mirror}`)) !== (value === undefined || value === null ? null : String(value));
    })
    .map(([, { 'x-mcp-header': mirror }]) => `Mcp-Param-${mirror}`)[0];
}

async function modern(request, body, route) {
  if (route.kind === 'reject')
    return refuse(body?.id, route.httpStatus, route.code, route.message, route.data);
  if (body.id === undefined) {
    shared.send(body);
    return new Response(null, { status: 202 });
  }
  const requested = body.params?._meta?.['io.modelcontextprotocol/protocolVersion'];
  if (requested !== REVISION)
    return refuse(body.id, 400, -32022, 'Unsupported protocol version', { supported: [REVISION], requested });
  const wrong = await wrongHeader(request, body);
  if (wrong !== undefined)
    return refuse(body.id, 400, -32020, `${wrong} does not match the body`);
  let stream;
  const { promise: first, resolve } = Promise.withResolvers();
  const send = message => stream.enqueue(new TextEncoder().encode(`event: message\ndata: ${JSON.stringify(message)}\n\n`));
  const write = message => {
    // Something comes before the answer: a stream.
    if (!stream)
      resolve(new Response(new ReadableStream({ start: controller => void (stream = controller) }), { headers: { 'content-type': 'text/event-stream' } }));
    send(message);
  };
  void ask(body, { write, signal: request.signal }).then(answer => {
    if (!stream)
      return resolve(answer ? Response.json(answer, { status: statusOf(answer) }) : new Response(null, { status: 499 }));
    try {
      if (answer)
        send(answer);
      stream.close();
    } catch {
      // The client has left.
    }
  });
  return first;
}

listen({ connect, modern });
