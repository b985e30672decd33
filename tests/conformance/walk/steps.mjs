// Every method that both of the official clients have. `peer` is one of them: see v1.mjs and v2.mjs.
const REF = { type: 'ref/prompt', name: 'test_prompt_with_arguments' };

/** What differs by revision: those with sessions have requests and notifications that the later one gave up. */
export async function walk(record, peer) {
  const { client, call, ask, modern } = peer;
  const step = (name, work) => record.step(name, work);
  const times = (name, args, n) => step(name, async () => { const got = await call(name, args); await record.told('notifications/message', n); return got; });

  await step('tools/list', () => client.listTools());
  await step('prompts/list', () => client.listPrompts());
  await step('resources/list, first page', () => client.listResources({ cursor: undefined }));
  await step('resources/list, second page', () => client.listResources({ cursor: '2' }));
  await step('resources/templates/list', () => client.listResourceTemplates());
  await step('resources/list, no such page', () => client.listResources({ cursor: 'nine' }));

  for (const name of ['test_simple_text', 'test_image_content', 'test_audio_content', 'test_embedded_resource', 'test_multiple_content_types', 'test_error_handling',
    'walk_link', 'walk_throw', 'walk_refuse', 'walk_who', 'no_such_tool'])
    await step(`tools/call ${name}`, () => call(name));
  await step('tools/call with structure', () => call('walk_structured', { city: 'Reykjavík' }));
  await step('tools/call with wrong arguments', () => call('walk_structured', { city: 7 }));
  await step('tools/call with a mirrored parameter', () => call('test_x_mcp_header', { region: 'eu-west 1 ö', level: 3 }));
  await step('tools/call with _meta of its own', () => call('walk_meta', { a: [1.5, null, { b: 'ß' }] }, {}, { 'example.org/of-the-client': { deep: [1] } }));
  await step('tools/call with progress', async () => {
    const got = await call('test_tool_with_progress', {}, { onprogress: () => {} });
    await record.told('notifications/progress', 3);
    return got;
  });

  await step('resources/read text', () => client.readResource({ uri: 'test://static-text' }));
  await step('resources/read blob', () => client.readResource({ uri: 'test://static-binary' }));
  await step('resources/read of a template', () => client.readResource({ uri: 'test://template/a%20b/data' }));
  await step('resources/read of nothing', () => client.readResource({ uri: 'test://no-such-resource' }));
  await step('prompts/get', () => client.getPrompt({ name: 'test_simple_prompt' }));
  await step('prompts/get with arguments', () => client.getPrompt({ name: 'test_prompt_with_arguments', arguments: { arg1: 'one', arg2: 'zwei ß' } }));
  await step('prompts/get without its arguments', () => client.getPrompt({ name: 'test_prompt_with_arguments' }));
  await step('prompts/get with a resource', () => client.getPrompt({ name: 'test_prompt_with_embedded_resource', arguments: { resourceUri: 'test://static-text' } }));
  await step('prompts/get with an image', () => client.getPrompt({ name: 'test_prompt_with_image' }));
  await step('prompts/get of nothing', () => client.getPrompt({ name: 'no_such_prompt' }));
  await step('prompts/get that asks', () => client.getPrompt({ name: 'test_input_required_result_prompt' }));
  await step('completion/complete of a prompt', () => client.complete({ ref: REF, argument: { name: 'arg1', value: 'par' }, context: { arguments: { arg2: 'x' } } }));
  await step('completion/complete of a template', () => client.complete({ ref: { type: 'ref/resource', uri: 'test://template/{id}/data' }, argument: { name: 'id', value: 'p' } }));

  await step('sampling', () => call('test_sampling', { prompt: 'Say something.' }));
  await step('sampling with tools', () => call('walk_sample_with_tools'));
  await step('elicitation', () => call('test_elicitation', { message: 'Who are you?' }));
  await step('elicitation with defaults', () => call('test_elicitation_sep1034_defaults'));
  await step('elicitation with choices', () => call('test_elicitation_sep1330_enums'));
  await step('elicitation declined', () => call('walk_decline'));
  await step('elicitation of a URL', async () => {
    const got = await call('walk_url');
    if (!modern)
      await record.told('notifications/elicitation/complete');
    return got;
  });
  await step('elicitation of a URL by an error', () => call('walk_visit_first'));
  await step('roots', () => call('walk_roots'));
  await step('two questions at once', () => call('walk_confirm'));
  await step('two rounds', () => call('test_input_required_result_multi_round'));
  await step('three questions with a state', () => call('test_input_required_result_multiple_inputs'));

  await step('cancellation', async () => {
    const abort = new AbortController();
    const slow = call('walk_slow', {}, { signal: abort.signal, onprogress: () => abort.abort('enough') });
    return { slow: await slow.then(() => 'answered', () => 'cancelled'), server: await call('walk_cancelled') };
  });
  await step('a method of nobody', () => ask('walk/echo', { a: [1.5, null], b: 'ö' }));
  await step('an unknown method', () => ask('walk/unknown', {}));
  await step('a notification of nobody', async () => {
    await client.notification({ method: 'walk/heard', params: { said: ['x', 1] } });
    return call('walk_heard');
  });
  await step('a notification of nobody from the server', async () => { const got = await call('walk_say'); await record.told('walk/said'); return got; });

  if (modern)
    return;
  await times('test_tool_with_logging', {}, 3);
  await step('ping', () => client.ping());
  await step('ping of the server', () => call('walk_ping'));
  await step('sampling with progress', () => call('walk_sample_with_progress'));
  await step('a question that is taken back', () => call('walk_take_back'));
  await step('a question of nobody', () => call('walk_unknown_question'));
  await step('roots changed', async () => { await client.sendRootsListChanged(); return call('walk_roots_changed'); });
  for (const [level, n] of [['debug', 8], ['warning', 5], ['emergency', 1]]) {
    await step(`logging/setLevel ${level}`, () => client.setLoggingLevel(level));
    await times('walk_log', {}, n);
  }
  await peer.listening();
  await step('subscribe', () => client.subscribeResource({ uri: 'test://watched-resource' }));
  await step('updated', () => changes('walk_touch', 'notifications/resources/updated', { uri: 'test://watched-resource' }));
  await step('unsubscribe', () => client.unsubscribeResource({ uri: 'test://watched-resource' }));
  await step('tools changed', () => changes('test_trigger_tool_change', 'notifications/tools/list_changed'));
  await step('prompts changed', () => changes('test_trigger_prompt_change', 'notifications/prompts/list_changed'));
  await step('resources changed', () => changes('walk_change_resources', 'notifications/resources/list_changed'));

  async function changes(tool, method, args) {
    const got = await call(tool, args);
    await record.told(method);
    return got;
  }
}
