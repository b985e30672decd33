// A backend with tasks of 2025-11-25, on the official server's first generation: the second has none. usage: node tasks-backend.mjs http | stdio
import { InMemoryTaskMessageQueue, InMemoryTaskStore } from '@modelcontextprotocol/sdk/experimental/tasks/stores/in-memory.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { CreateMessageResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { listen } from '../front.mjs';
import { EVIL } from './more.mjs';

const text = value => ({ content: [{ type: 'text', text: value }] });

function offer() {
  const server = new McpServer({ name: 'oktsec-task-backend', version: '1.0.0' }, {
    capabilities: { tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } } },
    taskStore: new InMemoryTaskStore(), taskMessageQueue: new InMemoryTaskMessageQueue(), defaultTaskPollInterval: 20,
  });
  const task = (name, work, taskSupport = 'required') => server.experimental.tasks.registerToolTask(name, { description: `The walk's ${name}.`, execution: { taskSupport } }, {
    async createTask(extra) {
      const created = await extra.taskStore.createTask({ ttl: 60_000, pollInterval: 20 });
      void work(created.taskId, extra);
      return { task: created };
    },
    getTask: ({ taskId, taskStore }) => taskStore.getTask(taskId),
    getTaskResult: ({ taskId, taskStore }) => taskStore.getTaskResult(taskId),
  });
  const finish = result => (id, { taskStore }) => taskStore.storeTaskResult(id, result.isError ? 'failed' : 'completed', result);
  task('walk_task', finish({ ...text('done in a task'), _meta: { 'example.org/t': 1 } }));
  task('walk_task_or_not', finish(text('done either way')), 'optional');
  task('walk_task_fails', finish({ ...text('it failed'), isError: true }));
  task('walk_task_waits', () => {});
  task('walk_task_evil', finish(text(EVIL)));
  server.registerTool('walk_ask_for_a_task', { description: 'The walk\'s walk_ask_for_a_task.' }, async () => {
    const seen = new Set();
    const params = { messages: [{ role: 'user', content: { type: 'text', text: 'in a task' } }], maxTokens: 5 };
    for await (const message of server.server.experimental.tasks.requestStream({ method: 'sampling/createMessage', params }, CreateMessageResultSchema, { task: { ttl: 60_000 } })) {
      if (message.type === 'result' || message.type === 'error')
        return text(JSON.stringify({ seen: [...seen], result: message.result ?? String(message.error) }));
      seen.add(message.type);
    }
  });
  return server;
}

if (process.argv[2] === 'stdio')
  await offer().connect(new StdioServerTransport());
else
  listen({ connect: transport => offer().connect(transport), modern: () => Response.json({ jsonrpc: '2.0', id: null, error: { code: -32000, message: 'Unsupported protocol version' } }, { status: 400 }) });
