// One agent, in one revision, before a gateway with backends of every era: what it gets from each of them, by name. See record.mjs for stdin;
// "backends" is a list of {"name","uri","prompt","more"}: how a tool of it is called, under which URI its text is, and whether it is the backend of the walks;
// "others" are calls of tools that only one has.
import { Client, LOG_LEVEL_META_KEY, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Record, answers, capabilities, print, target } from './record.mjs';
import { sessionOver } from './session.mjs';

const record = new Record();
const modern = target.revision === '2026-07-28';
const { transport, listening } = sessionOver(target, record, StreamableHTTPClientTransport, StdioClientTransport);
const client = new Client({ name: 'pairs', version: '1.0.0' },
  modern ? { capabilities, versionNegotiation: { mode: { pin: target.revision } } } : { capabilities, supportedProtocolVersions: [target.revision] });
for (const method of ['sampling/createMessage', 'elicitation/create', 'roots/list']) {
  client.setRequestHandler(method, ({ params }) => {
    record.hear(method, params);
    return answers[method](params);
  });
}
// A server that talks without being asked stands among them: what counts is what this backend says of this call.
let now;
client.fallbackNotificationHandler = async ({ method, params }) => {
  if (method === 'notifications/message' ? params.logger?.startsWith(`${now}/`) : method === 'notifications/resources/updated')
    record.hear(method, params);
};
client.onerror = () => {};
await client.connect(transport);
await client.listTools();
if (!modern)
  await listening();

const cells = {};
for (const { name, uri, prompt, more } of target.backends) {
  now = name;
  const own = tool => `${name}_${tool}`;
  const call = async (tool, args = {}, options = {}, _meta) => {
    const result = await client.callTool({ name: own(tool), arguments: args, ..._meta && { _meta } }, options);
    return result.isError ? `error: ${result.content[0].text}` : result.content[0].text;
  };
  const cell = cells[name] = {};
  const step = async (row, work) => {
    await record.step(row, work);
    const { got, heard } = record.steps.at(-1);
    // One of the others asks for roots when it starts.
    cell[row] = { got, heard: Object.fromEntries(Object.entries(heard).filter(([method]) => method !== 'roots/list' || row === 'roots').map(([method, all]) => [method, all.length])) };
  };
  const key = `${name} ${target.revision}`;
  await step('tool', () => call('test_simple_text'));
  await step('tool error', () => call('test_error_handling'));
  await step('resource', async () => (await client.readResource({ uri })).contents[0].text);
  await step('prompt', async () => (await client.getPrompt({ name: prompt ?? own('test_simple_prompt') })).messages[0].content.text);
  await step('progress', async () => { const got = await call('test_tool_with_progress', {}, { onprogress: () => {} }); await record.told('notifications/progress', 3); return got; });
  await step('sampling', () => call('test_sampling', { prompt: 'Say something.' }));
  await step('elicitation', () => call('test_elicitation', { message: 'Who are you?' }));
  await step('roots', () => call('walk_roots'));
  // Three calls, of which one carries an attack: two arrive.
  await step('clean and attack', async () => [await call('walk_count', { key }), (await call('walk_count', { key, note: target.evil })).slice(0, 18), await call('walk_count', { key })]);
  await step('evil result', async () => (await call('walk_evil')).replace(/(?<=oktsec: ).*/s, ''));
  await step('evil question', () => call('walk_evil_question').then(text => text.includes('attacker') ? text : 'refused', error => String(error.message).includes('attacker') ? error.message : 'refused'));
  if (!more)
    continue;
  await step('completion', async () => (await client.complete({ ref: { type: 'ref/prompt', name: own('test_prompt_with_arguments') }, argument: { name: 'arg1', value: 'p' } })).completion.values.join());
  await step('rounds', () => call('test_input_required_result_multi_round'));
  await step('cancellation', async () => {
    const abort = new AbortController();
    const slow = call('walk_slow', {}, { signal: abort.signal, onprogress: () => abort.abort('enough') });
    return [await slow.then(() => 'answered', () => 'cancelled'), await call('walk_cancelled')];
  });
  await step('log', async () => {
    if (!modern)
      await client.setLoggingLevel('warning');
    const got = await call('walk_log', {}, {}, modern ? { [LOG_LEVEL_META_KEY]: 'warning' } : undefined);
    await record.told('notifications/message', 5);
    return got;
  });
  await step('updated', async () => {
    const subscription = modern ? await client.listen({ resourceSubscriptions: [uri] }) : void await client.subscribeResource({ uri });
    const got = await call('walk_touch', { uri: 'test://static-text' });
    await record.told('notifications/resources/updated');
    await (modern ? subscription.close() : client.unsubscribeResource({ uri }));
    return got;
  });
}
const others = [];
for (const { name, arguments: args } of target.others ?? [])
  others.push((await client.callTool({ name, arguments: args })).content[0].text);
print({ revision: client.getNegotiatedProtocolVersion(), cells, others });
await transport.terminateSession?.().catch(() => {});
await client.close();
process.exit(0);
