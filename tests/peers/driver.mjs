// The TypeScript SDK's client, driven line by line: the tests tell it what to ask and read what it saw.
// stdin, one JSON object per line:  {"seq":1,"method":"tools/call","params":{...},"cancelAfterProgress":2}
//                                   {"seq":2,"notify":"notifications/roots/list_changed","params":{...}}
// stdout, one JSON object per line: {"ready":{...initialize result...}} once, {"heard":{...}} for whatever the server says by
// itself, and {"seq":1,"result":{...}} | {"seq":1,"error":{...}} | {"seq":1,"cancelled":true}.
// The first line of stdin says where to connect: {"transport":"stdio|http|sse","command":...,"args":...,"env":...,"url":...,"headers":...}
import { createInterface } from 'node:readline';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';

const print = (value) => process.stdout.write(JSON.stringify(value) + '\n');

function open(target) {
  if (target.transport === 'stdio') {
    return new StdioClientTransport({ command: target.command, args: target.args, env: target.env, stderr: 'ignore' });
  }
  const options = { requestInit: { headers: target.headers ?? {} } };
  return target.transport === 'sse'
    ? new SSEClientTransport(new URL(target.url), options)
    : new StreamableHTTPClientTransport(new URL(target.url), options);
}

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const target = JSON.parse((await lines.next()).value);
const transport = open(target);

let initializeResult;
let progressSeen = 0;
let onProgress = () => {};
const errors = new Map();

// Called before the client's own handler: what is recorded is what arrived, not what the client made of it.
transport.onmessage = (message) => {
  if ('method' in message) {
    print({ heard: { request: 'id' in message, method: message.method, params: message.params } });
    if (message.method === 'notifications/progress') {
      progressSeen++;
      onProgress();
    }
  } else if ('error' in message) {
    errors.set(message.id, message.error);
  } else {
    initializeResult ??= message.result;
  }
};

const client = new Client(
  { name: 'oktsec-peer', version: '1.0.0' },
  { capabilities: target.capabilities },
);
const answers = target.answers;
if (target.capabilities.sampling) {
  client.setRequestHandler(CreateMessageRequestSchema, () => answers['sampling/createMessage']);
}
if (target.capabilities.elicitation) {
  client.setRequestHandler(ElicitRequestSchema, (request) =>
    answers[request.params.mode === 'url' ? 'elicitation/create:url' : 'elicitation/create']);
}
if (target.capabilities.roots) {
  client.setRequestHandler(ListRootsRequestSchema, () => answers['roots/list']);
}
client.onerror = () => {};

await client.connect(transport, { timeout: 180_000 });
print({ ready: initializeResult });

// The client numbers its requests from 0 (initialize) upwards; the error of a request is found under its number.
let sent = 0;

async function ask({ seq, method, params, cancelAfterProgress }) {
  const id = ++sent;
  const abort = new AbortController();
  progressSeen = 0;
  onProgress = () => {
    if (cancelAfterProgress && progressSeen >= cancelAfterProgress) {
      abort.abort('the test cancels');
    }
  };
  try {
    const result = await client.request({ method, params: params ?? undefined }, z.any(), { signal: abort.signal, timeout: 180_000 });
    print({ seq, result });
  } catch (error) {
    if (abort.signal.aborted) {
      print({ seq, cancelled: true });
    } else {
      print({ seq, error: errors.get(id) ?? { thrown: String(error) } });
    }
  }
}

for await (const line of lines) {
  const command = JSON.parse(line);
  if (command.notify) {
    await client.notification({ method: command.notify, params: command.params ?? undefined });
    print({ seq: command.seq, result: {} });
  } else {
    await ask(command);
  }
}
if (transport.terminateSession && transport.sessionId) {
  await transport.terminateSession().catch(() => {});
}
await client.close();
process.exit(0);
