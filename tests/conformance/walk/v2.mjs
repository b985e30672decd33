// The client of the official TypeScript SDK's second generation walks everything, in a revision with sessions or in 2026-07-28. See record.mjs for stdin and stdout.
import { Client, LOG_LEVEL_META_KEY, StreamableHTTPClientTransport, fromJsonSchema } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Record, answers, capabilities, print, target } from './record.mjs';
import { sessionOver } from './session.mjs';
import { walk } from './steps.mjs';

const record = new Record();
const modern = target.revision === '2026-07-28';
const anything = fromJsonSchema({ type: 'object' });
const { transport, listening } = sessionOver(target, record, StreamableHTTPClientTransport, StdioClientTransport);
const newClient = () => new Client(
  { name: 'walker', version: '1.0.0', title: 'Walker' },
  modern ? { capabilities, versionNegotiation: { mode: { pin: target.revision } } } : { capabilities, supportedProtocolVersions: [target.revision] });
const client = newClient();
for (const method of ['sampling/createMessage', 'elicitation/create', 'roots/list']) {
  client.setRequestHandler(method, async ({ params }, { mcpReq }) => {
    record.hear(method, params);
    if (params?.messages?.[0].content.text === 'slowly')
      await mcpReq.notify({ method: 'notifications/progress', params: { progressToken: params._meta.progressToken, progress: 1, total: 2, message: 'half' } });
    if (params?.message === 'Never mind') {
      const takenBack = new Promise(resolve => mcpReq.signal.addEventListener('abort', resolve));
      await call('walk_asked');
      await takenBack;
    }
    return answers[method](params);
  });
}
client.fallbackNotificationHandler = async ({ method, params }) => record.hear(method, params);
client.onerror = () => {};
const call = (name, args = {}, options = {}, _meta) => client.callTool({ name, arguments: args, ..._meta && { _meta } }, options);

if (target.waits)
  await backendIsUp();
await client.connect(transport);
const connected = { capabilities: client.getServerCapabilities(), server: client.getServerVersion(), instructions: client.getInstructions() ?? null, discovered: client.getDiscoverResult() ?? null };
await walk(record, { client, call, ask: (method, params) => client.request({ method, params }, anything), modern, listening });
if (modern)
  await walkModern();
print({ revision: client.getNegotiatedProtocolVersion(), connected, steps: record.steps });
await transport.terminateSession?.().catch(() => {});
await client.close();
process.exit(0);

/** A gateway answers server/discover for itself when its backend takes long to start, and waits for it when its tools are listed. */
async function backendIsUp() {
  const early = newClient();
  await early.connect(sessionOver(target, new Record(), StreamableHTTPClientTransport, StdioClientTransport).transport);
  await early.listTools({}, { timeout: 240_000 });
  await early.close();
}

/** What only 2026-07-28 has. */
async function walkModern() {
  const step = (name, work) => record.step(name, work);
  const changes = async (tool, method, args) => {
    const got = await call(tool, args);
    await record.told(method);
    return got;
  };
  await step('server/discover', () => client.discover());
  for (const [level, n] of [['debug', 8], ['warning', 5], [undefined, 0]]) {
    await step(`log messages from ${level}`, async () => {
      const got = await call('walk_log', {}, {}, level && { [LOG_LEVEL_META_KEY]: level });
      await record.told('notifications/message', n);
      return got;
    });
  }
  await step('a question, answered by hand', async () => {
    const asked = await call('test_input_required_result_elicitation', {}, { allowInputRequired: true });
    const [key, { method, params }] = Object.entries(asked.inputRequests)[0];
    const again = await client.request({
      method: 'tools/call',
      params: { name: 'test_input_required_result_elicitation', arguments: {}, inputResponses: { [key]: answers[method](params) }, ...asked.requestState && { requestState: asked.requestState } },
    });
    return { inputRequests: asked.inputRequests, again };
  });
  await step('methods of sessions', async () => {
    const refused = {};
    for (const method of ['ping', 'logging/setLevel', 'resources/subscribe', 'resources/unsubscribe'])
      refused[method] = await record.attempt(() => client.request({ method, params: {} }, anything));
    return refused;
  });
  let subscription;
  await step('subscriptions/listen', async () => {
    subscription = await client.listen({ toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true, resourceSubscriptions: ['test://watched-resource'] });
    return subscription.honoredFilter;
  });
  await step('updated', () => changes('walk_touch', 'notifications/resources/updated', { uri: 'test://watched-resource' }));
  await step('tools changed', () => changes('test_trigger_tool_change', 'notifications/tools/list_changed'));
  await step('prompts changed', () => changes('test_trigger_prompt_change', 'notifications/prompts/list_changed'));
  await step('resources changed', () => changes('walk_change_resources', 'notifications/resources/list_changed'));
  await step('subscription closed', async () => { await subscription.close(); return subscription.closed; });
}
