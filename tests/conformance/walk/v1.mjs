// The client of the official TypeScript SDK's first generation walks everything. See record.mjs for stdin and stdout.
import { InMemoryTaskMessageQueue, InMemoryTaskStore } from '@modelcontextprotocol/sdk/experimental/tasks/stores/in-memory.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CallToolResultSchema, CreateMessageRequestSchema, ElicitRequestSchema, ListRootsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { Record, answers, capabilities, print, target } from './record.mjs';
import { sessionOver } from './session.mjs';
import { walk } from './steps.mjs';
import { walkTasks } from './tasks.mjs';

const record = new Record();
const { transport, listening } = sessionOver(target, record, StreamableHTTPClientTransport, StdioClientTransport);

// The client has no option for it: it opens with the newest revision it has. What it is told by the server it then speaks.
const send = transport.send.bind(transport);
transport.send = (message, options) => send(message.method === 'initialize' ? { ...message, params: { ...message.params, protocolVersion: target.revision } } : message, options);

let negotiated;
const agree = transport.setProtocolVersion?.bind(transport);
transport.setProtocolVersion = version => { negotiated = version; agree?.(version); };

const client = new Client({ name: 'walker', version: '1.0.0', title: 'Walker' }, target.tasks
  ? { capabilities: { ...capabilities, tasks: { list: {}, cancel: {}, requests: { sampling: { createMessage: {} } } } }, taskStore: new InMemoryTaskStore(), taskMessageQueue: new InMemoryTaskMessageQueue() }
  : { capabilities });
for (const [method, schema] of Object.entries({ 'sampling/createMessage': CreateMessageRequestSchema, 'elicitation/create': ElicitRequestSchema, 'roots/list': ListRootsRequestSchema })) {
  client.setRequestHandler(schema, async ({ params }, extra) => {
    record.hear(method, params);
    if (params?.messages?.[0].content.text === 'slowly')
      await extra.sendNotification({ method: 'notifications/progress', params: { progressToken: params._meta.progressToken, progress: 1, total: 2, message: 'half' } });
    if (params?.message === 'Never mind') {
      const takenBack = new Promise(resolve => extra.signal.addEventListener('abort', resolve));
      await call('walk_asked');
      await takenBack;
    }
    if (!params?.task)
      return answers[method](params);
    const task = await extra.taskStore.createTask({ ttl: params.task.ttl, pollInterval: 20 });
    await extra.taskStore.storeTaskResult(task.taskId, 'completed', answers[method](params));
    return { task };
  });
}
client.fallbackNotificationHandler = async ({ method, params }) => method === 'notifications/tasks/status' ? record.keep(params) : record.hear(method, params);
client.onerror = () => {};
const call = (name, args = {}, options = {}, _meta) => client.callTool({ name, arguments: args, ..._meta && { _meta } }, CallToolResultSchema, options);

await client.connect(transport);
const connected = { capabilities: client.getServerCapabilities(), server: client.getServerVersion(), instructions: client.getInstructions() ?? null };
if (target.tasks)
  await walkTasks(record, client, call);
else
  await walk(record, { client, call, ask: (method, params) => client.request({ method, params }, z.any()), modern: false, listening });
print({ revision: negotiated, connected, steps: record.steps });
await transport.terminateSession?.().catch(() => {});
await client.close();
process.exit(0);
