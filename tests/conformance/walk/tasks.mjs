// Tasks of 2025-11-25, which only the client's first generation has: tools that become tasks, and questions that do.
import { CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { target } from './record.mjs';

export async function walkTasks(record, client, call) {
  const { tasks } = client.experimental;
  const step = (name, work) => record.step(name, work);
  /** What a call goes through, each kind of word once: how often the status is asked for depends on the machine. */
  const through = async (name, options = {}) => {
    const words = new Map();
    for await (const message of tasks.callToolStream({ name, arguments: {} }, CallToolResultSchema, options))
      words.set(message.type, message.type === 'error' ? { ...message, error: { code: message.error.code, message: message.error.message } } : message);
    return [...words.values()].filter(word => word.type !== 'taskStatus');
  };
  const created = async name => {
    for await (const message of tasks.callToolStream({ name, arguments: {} })) {
      if (message.type === 'taskCreated')
        return message.task;
    }
  };

  await step('tools/list', () => client.listTools());
  await step('a task', () => through('walk_task'));
  await step('a task or not', () => through('walk_task_or_not', { task: { ttl: 30_000 } }));
  await step('a task that fails', () => through('walk_task_fails'));
  await step('a tool that must be a task', () => call('walk_task'));
  await step('a tool that may be a task', () => call('walk_task_or_not'));
  let waiting;
  await step('a task that waits', async () => (waiting = await created('walk_task_waits')));
  await step('tasks/get', () => tasks.getTask(waiting.taskId));
  await step('tasks/list', () => tasks.listTasks());
  await step('tasks/cancel', () => tasks.cancelTask(waiting.taskId));
  await step('tasks/get, cancelled', () => tasks.getTask(waiting.taskId));
  await step('tasks/cancel, again', () => tasks.cancelTask(waiting.taskId));
  await step('tasks/result', async () => tasks.getTaskResult((await created('walk_task')).taskId, CallToolResultSchema));
  for (const method of ['getTask', 'getTaskResult', 'cancelTask'])
    await step(`${method} of nobody`, () => tasks[method]('no-such-task'));
  await step('notifications/tasks/status', async () => (await record.kept(5)).map(({ status }) => status).sort());
  if (target.evil)
    await step('a poisoned task', () => through('walk_task_evil'));
  await step('a question that becomes a task', () => call('walk_ask_for_a_task'));
}
