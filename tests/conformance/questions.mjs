// Tools and a prompt that ask the client something before they answer. They return the question (`inputRequired`): in 2026-07-28 it is
// the result, in revisions with sessions the SDK sends it as a request of its own.
import { randomBytes } from 'node:crypto';
import { CLIENT_CAPABILITIES_META_KEY, acceptedContent, createRequestStateCodec, inputRequired } from '@modelcontextprotocol/server';

/** Signs what a client carries from one round to the next. */
export const state = createRequestStateCodec({ key: randomBytes(32) });

const text = value => ({ content: [{ type: 'text', text: value }] });
const form = (message, properties, required = Object.keys(properties)) =>
  inputRequired.elicit({ message, requestedSchema: { type: 'object', properties, required } });
const askName = () => form('What is your name?', { name: { type: 'string' } });
const sample = (prompt, maxTokens = 100) =>
  inputRequired.createMessage({ messages: [{ role: 'user', content: { type: 'text', text: prompt } }], maxTokens });
const sampled = (responses, key) => responses?.[key]?.content?.text;

export function addQuestions(tool, server) {
  addPlain(tool);
  addForms(tool);
  addStateful(tool);
  // A prompt without arguments gets the context alone.
  server.registerPrompt('test_input_required_result_prompt', { description: 'Asks for a context first.' }, ({ mcpReq }) => {
    const context = acceptedContent(mcpReq.inputResponses, 'user_context')?.context;
    return context === undefined
      ? inputRequired({ inputRequests: { user_context: form('What context should the prompt use?', { context: { type: 'string' } }) } })
      : { messages: [{ role: 'user', content: { type: 'text', text: `Context: ${context}` } }] };
  });
}

function addPlain(tool) {
  tool('test_sampling', 'Asks the model of the client.', ({ prompt }, { mcpReq }) => mcpReq.inputResponses?.answer
    ? text(`LLM response: ${sampled(mcpReq.inputResponses, 'answer')}`)
    : inputRequired({ inputRequests: { answer: sample(prompt) } }), { prompt: { type: 'string' } }, { required: ['prompt'] });
  tool('test_elicitation', 'Asks the user.', ({ message }, { mcpReq }) => mcpReq.inputResponses?.answer
    ? text(`User response: ${JSON.stringify(mcpReq.inputResponses.answer)}`)
    : inputRequired({ inputRequests: { answer: form(message, { response: { type: 'string', description: "User's response" } }) } }),
  { message: { type: 'string' } }, { required: ['message'] });
  tool('test_missing_capability', 'Cannot do without sampling.', (_, { mcpReq }) => mcpReq.inputResponses?.answer
    ? text('sampled')
    : inputRequired({ inputRequests: { answer: sample('Say pong.', 16) } }));
  tool('test_input_required_result_elicitation', 'Asks for a name.', (_, { mcpReq }) => {
    const name = acceptedContent(mcpReq.inputResponses, 'user_name')?.name;
    return typeof name === 'string' ? text(`Hello, ${name}!`) : inputRequired({ inputRequests: { user_name: askName() } });
  });
  tool('test_input_required_result_sampling', 'Asks a model for a capital.', (_, { mcpReq }) => {
    const capital = sampled(mcpReq.inputResponses, 'capital_question');
    return capital !== undefined ? text(`The model says: ${capital}`)
      : inputRequired({ inputRequests: { capital_question: sample('What is the capital of France?') } });
  });
  tool('test_input_required_result_list_roots', 'Asks for the roots.', (_, { mcpReq }) => {
    const roots = mcpReq.inputResponses?.client_roots?.roots;
    return Array.isArray(roots) ? text(`Roots: ${roots.map(root => root.uri).join(', ')}`)
      : inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } });
  });
  tool('test_input_required_result_capabilities', 'Asks what the client can answer.', (_, { mcpReq }) => {
    if (mcpReq.inputResponses !== undefined)
      return text('answered');
    const can = mcpReq.envelope?.[CLIENT_CAPABILITIES_META_KEY] ?? {};
    const inputRequests = {
      ...can.elicitation && { user_name: askName() },
      ...can.sampling && { greeting: sample('Generate a greeting') },
      ...can.roots && { client_roots: inputRequired.listRoots() },
    };
    return Object.keys(inputRequests).length > 0 ? inputRequired({ inputRequests }) : text('nothing to ask');
  });
}

function addForms(tool) {
  const asks = (name, description, message, properties) => tool(name, description, (_, { mcpReq }) => mcpReq.inputResponses?.answer
    ? text(`Elicitation completed: action=${mcpReq.inputResponses.answer.action}, content=${JSON.stringify(mcpReq.inputResponses.answer.content ?? {})}`)
    : inputRequired({ inputRequests: { answer: form(message, properties, []) } }));
  asks('test_elicitation_sep1034_defaults', 'A form with defaults.', 'Please review the defaults.', {
    name: { type: 'string', default: 'John Doe' },
    age: { type: 'integer', default: 30 },
    score: { type: 'number', default: 95.5 },
    status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
    verified: { type: 'boolean', default: true },
  });
  const titled = ['First', 'Second', 'Third'].map((title, i) => ({ const: `value${i + 1}`, title }));
  asks('test_elicitation_sep1330_enums', 'A form with every kind of choice.', 'Please choose.', {
    untitledSingle: { type: 'string', enum: ['option1', 'option2', 'option3'] },
    titledSingle: { type: 'string', oneOf: titled },
    legacyEnum: { type: 'string', enum: ['opt1', 'opt2', 'opt3'], enumNames: ['Option One', 'Option Two', 'Option Three'] },
    untitledMulti: { type: 'array', minItems: 1, maxItems: 3, items: { type: 'string', enum: ['option1', 'option2', 'option3'] } },
    titledMulti: { type: 'array', minItems: 1, maxItems: 3, items: { anyOf: titled } },
  });
}

function addStateful(tool) {
  const confirm = () => form('Please confirm', { ok: { type: 'boolean' } });
  for (const [name, done] of [['request_state', 'state-ok'], ['tampered_state', 'integrity-ok']]) {
    tool(`test_input_required_result_${name}`, 'Asks for a confirmation and signs its state.', async (_, { mcpReq }) =>
      mcpReq.requestState() !== undefined && acceptedContent(mcpReq.inputResponses, 'confirm')
        ? text(done)
        : inputRequired({ inputRequests: { confirm: confirm() }, requestState: await state.mint({ name }) }));
  }
  tool('test_input_required_result_multiple_inputs', 'Asks three things at once.', async (_, { mcpReq }) => {
    const given = mcpReq.inputResponses;
    const [name, greeting, roots] = [acceptedContent(given, 'user_name')?.name, sampled(given, 'greeting'), given?.client_roots?.roots];
    return typeof name === 'string' && greeting !== undefined && Array.isArray(roots)
      ? text(`${greeting} ${name}, ${roots.length} roots`)
      : inputRequired({
        inputRequests: { user_name: askName(), greeting: sample('Generate a greeting', 50), client_roots: inputRequired.listRoots() },
        requestState: await state.mint({ name: 'multiple_inputs' }),
      });
  });
  tool('test_input_required_result_multi_round', 'Asks twice, one after the other.', async (_, { mcpReq }) => {
    const before = mcpReq.requestState();
    if (before?.round === undefined) {
      return inputRequired({
        inputRequests: { step1: form('Step 1: What is your name?', { name: { type: 'string' } }) },
        requestState: await state.mint({ round: 1 }),
      });
    }
    if (before.round === 1) {
      return inputRequired({
        inputRequests: { step2: form('Step 2: What is your favorite color?', { color: { type: 'string' } }) },
        requestState: await state.mint({ round: 2, name: acceptedContent(mcpReq.inputResponses, 'step1')?.name }),
      });
    }
    return text(`${before.name} likes ${acceptedContent(mcpReq.inputResponses, 'step2')?.color}`);
  });
}
