// What the suite's server scenarios ask a server to offer, on the official TypeScript server, for every revision it speaks.
// The names and texts are the suite's; `backend.mjs` serves this over HTTP and over stdio.
import { McpServer, ResourceTemplate, fromJsonSchema } from '@modelcontextprotocol/server';
import { addQuestions, state } from './questions.mjs';

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const SILENCE = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA='; // a WAV file without a sample

export const text = value => ({ content: [{ type: 'text', text: value }] });

/**
 * A server for one session or one request; `changed(kind, server)` tells who listens that something changed,
 * `cutStream` ends the stream of a call before its answer, where there is one to end, `more` adds to what is offered.
 */
export function offer(changed, cutStream = () => {}, more = () => {}) {
  const server = new McpServer(
    { name: 'oktsec-conformance-backend', version: '1.0.0' },
    {
      capabilities: { tools: { listChanged: true }, resources: { subscribe: true, listChanged: true }, prompts: { listChanged: true }, logging: {}, completions: {} },
      requestState: { verify: state.verify },
    });
  const tools = [];
  const tool = (name, description, answer, properties = {}, more = {}) => {
    const inputSchema = { type: 'object', properties, ...more };
    tools.push({ name, description, inputSchema });
    server.registerTool(name, { description, inputSchema: fromJsonSchema(inputSchema) }, answer);
  };

  addContent(tool);
  addBehaviour(tool, changed, cutStream, server);
  addQuestions(tool, server);
  addResources(server);
  addPrompts(server);
  server.server.setRequestHandler('tools/list', () => ({ tools }));
  server.server.setRequestHandler('completion/complete', () => ({ completion: { values: ['paris', 'park'], total: 2, hasMore: false } }));
  server.server.setRequestHandler('resources/subscribe', () => ({}));
  server.server.setRequestHandler('resources/unsubscribe', () => ({}));
  more(server, tools, changed);
  return server;
}

function addContent(tool) {
  const resource = { type: 'resource', resource: { uri: 'test://embedded', mimeType: 'text/plain', text: 'A resource inside a result.' } };
  const image = { type: 'image', data: PIXEL, mimeType: 'image/png' };
  tool('test_simple_text', 'Answers with a text.', () => text('This is a simple text response for testing.'));
  tool('test_image_content', 'Answers with an image.', () => ({ content: [image] }));
  tool('test_audio_content', 'Answers with a sound.', () => ({ content: [{ type: 'audio', data: SILENCE, mimeType: 'audio/wav' }] }));
  tool('test_embedded_resource', 'Answers with a resource.', () => ({ content: [resource] }));
  tool('test_multiple_content_types', 'Answers with all of them.', () => ({ content: [{ type: 'text', text: 'Several kinds:' }, image, resource] }));
  tool('test_error_handling', 'Fails.', () => ({ ...text('This tool intentionally returns an error for testing'), isError: true }));
  tool('json_schema_2020_12_tool', 'Has a schema of draft 2020-12.', args => text(JSON.stringify(args)), {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  }, {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $defs: { address: { $anchor: 'addressDef', type: 'object', properties: { street: { type: 'string' }, city: { type: 'string' } } } },
    allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
    if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
    then: { required: ['phone'] },
    else: { required: ['email'] },
    additionalProperties: false,
  });
}

function addBehaviour(tool, changed, cutStream, server) {
  tool('test_x_mcp_header', 'Has a parameter that is mirrored in a header.', args => text(`region ${args.region ?? 'none'}`), {
    region: { type: 'string', 'x-mcp-header': 'Region' },
    level: { type: 'integer' },
  });
  tool('test_tool_with_logging', 'Logs what it does.', async (_, context) => {
    for (const data of ['Tool execution started', 'Tool processing data', 'Tool execution completed'])
      await context.mcpReq.notify({ method: 'notifications/message', params: { level: 'info', data } });
    return text('logged three times');
  });
  tool('test_logging_tool', 'Logs when the request asks for it.', async (_, context) => {
    await context.mcpReq.log('info', 'one line');
    return text('logged at most once');
  });
  tool('test_tool_with_progress', 'Tells how far it is.', async (_, context) => {
    const progressToken = context.mcpReq._meta?.progressToken;
    for (const progress of progressToken === undefined ? [] : [0, 50, 100])
      await context.mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, total: 100, message: `step ${progress} of 100` } });
    return text('done');
  });
  tool('test_reconnection', 'Lets go of the stream before it answers.', async (_, context) => {
    await cutStream(context);
    return text('answered after the stream was cut');
  });
  tool('test_streaming_elicitation', 'Answers, and asks nothing.', () => text('nothing asked'));
  tool('test_trigger_tool_change', 'Says that the tools changed.', async () => {
    await changed('tools', server.server);
    return text('said');
  });
  tool('test_trigger_prompt_change', 'Says that the prompts changed.', async () => {
    await changed('prompts', server.server);
    return text('said');
  });
}

function addResources(server) {
  const at = (uri, mimeType, content) => ({ contents: [{ uri, mimeType, ...content }] });
  server.registerResource('static-text', 'test://static-text', { description: 'A text.', mimeType: 'text/plain' },
    uri => at(uri.href, 'text/plain', { text: 'This is the content of the static text resource.' }));
  server.registerResource('static-binary', 'test://static-binary', { description: 'An image.', mimeType: 'image/png' },
    uri => at(uri.href, 'image/png', { blob: PIXEL }));
  server.registerResource('watched', 'test://watched-resource', { description: 'May be subscribed to.', mimeType: 'text/plain' },
    uri => at(uri.href, 'text/plain', { text: 'Nothing new.' }));
  server.registerResource('template', new ResourceTemplate('test://template/{id}/data', { list: undefined }), { description: 'A text for each id.', mimeType: 'application/json' },
    (uri, { id }) => at(uri.href, 'application/json', { text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }) }));
}

function addPrompts(server) {
  const says = (...contents) => ({ messages: contents.map(content => ({ role: 'user', content })) });
  const schema = (...names) => fromJsonSchema({ type: 'object', properties: Object.fromEntries(names.map(n => [n, { type: 'string' }])), required: names });
  server.registerPrompt('test_simple_prompt', { description: 'A prompt.' }, () => says({ type: 'text', text: 'This is a simple prompt for testing.' }));
  server.registerPrompt('test_prompt_with_arguments', { description: 'A prompt with two arguments.', argsSchema: schema('arg1', 'arg2') },
    ({ arg1, arg2 }) => says({ type: 'text', text: `Prompt with arguments: arg1='${arg1}', arg2='${arg2}'` }));
  server.registerPrompt('test_prompt_with_embedded_resource', { description: 'A prompt with a resource.', argsSchema: schema('resourceUri') },
    ({ resourceUri }) => says(
      { type: 'resource', resource: { uri: resourceUri, mimeType: 'text/plain', text: 'A resource inside a prompt.' } },
      { type: 'text', text: 'What does the resource say?' }));
  server.registerPrompt('test_prompt_with_image', { description: 'A prompt with an image.' },
    () => says({ type: 'image', data: PIXEL, mimeType: 'image/png' }, { type: 'text', text: 'What is in the image?' }));
}
