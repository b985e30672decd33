// The client the suite drives: an agent before the suite's server, directly or through a gateway of its own.
// usage: node agent.mjs direct URL | node agent.mjs legacy OKTSEC URL | node agent.mjs modern OKTSEC URL
// The suite appends the URL, and names the scenario in MCP_CONFORMANCE_SCENARIO. Through the gateway it is the gateway that the suite judges;
// the agent may be of either era.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

const scenario = process.env.MCP_CONFORMANCE_SCENARIO;
const context = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? '{}');
const [mode, ...rest] = process.argv.slice(2);
const url = rest.at(-1);

/** `oktsec gateway` before the suite's server, as a user would start it: its address, and how to end it. */
async function gateway(oktsec) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'oktsec-agent-'));
  const config = path.join(folder, 'oktsec.yaml');
  writeFileSync(config, `db_path: ./oktsec.db\nmcp_servers:\n  suite: ${JSON.stringify({ transport: 'http', url })}\n`, { mode: 0o600 });
  const child = spawn(oktsec, ['gateway', '--config', config, '--port', '0'], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise(resolve => child.on('exit', resolve));
  let said = '';
  const port = await new Promise((resolve, reject) => {
    const onData = data => {
      said += data;
      const listening = said.match(/:(\d+)\/mcp/);
      if (listening)
        resolve(listening[1]);
    };
    child.stdout.on('data', onData);
    child.stderr.on('data', onData);
    void ended.then(code => reject(new Error(`the gateway ended with ${code}: ${said}`)));
  });
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    async end() {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}

const listed = async client => (await client.listTools()).tools;
const call = (client, name, args = {}) => client.callTool({ name, arguments: args });

/** What the agent does in each scenario; whether the suite is content is the suite's to say. */
const acts = {
  'initialize': () => {},
  'request-metadata': client => listed(client),
  'tools_call': async client => {
    await listed(client);
    await call(client, 'add_numbers', { a: 5, b: 3 });
  },
  'elicitation-sep1034-client-defaults': client => call(client, 'test_client_elicitation_defaults'),
  'sse-retry': client => call(client, 'test_reconnection'),
  'sep-2322-client-request-state': async client => {
    await listed(client);
    for (const name of ['test_mrtr_echo_state', 'test_mrtr_no_state', 'test_mrtr_no_result_type'])
      await call(client, name);
  },
  'http-standard-headers': async client => {
    for (const tool of await listed(client))
      await call(client, tool.name);
    for (const { uri } of (await client.listResources()).resources)
      await client.readResource({ uri });
    for (const { name } of (await client.listPrompts()).prompts)
      await client.getPrompt({ name });
  },
  'http-custom-headers': async client => {
    await listed(client);
    for (const { name, arguments: args } of context.toolCalls)
      await call(client, name, args);
  },
  'http-invalid-tool-headers': async client => {
    for (const tool of await listed(client))
      await call(client, tool.name, { region: 'us-west1' });
  },
  'json-schema-ref-no-deref': client => listed(client),
  'json-schema-2020-12-preservation': async client => {
    const tool = (await listed(client)).find(({ name }) => name === 'json_schema_2020_12_tool');
    await call(client, 'json_schema_echo', { schema: tool.inputSchema });
  },
};

const behind = mode === 'direct' ? undefined : await gateway(rest[0]);
try {
  const era = mode === 'modern' ? { pin: '2026-07-28' } : mode === 'legacy' ? 'legacy' : process.env.MCP_CONFORMANCE_PROTOCOL_VERSION === '2026-07-28' ? 'auto' : 'legacy';
  const client = new Client({ name: 'agent', version: '1.0.0' },
    { capabilities: { sampling: {}, elicitation: { form: { applyDefaults: true } }, roots: {} }, versionNegotiation: { mode: era } });
  client.setRequestHandler('elicitation/create', async () => {
    // Between the rounds of one call, another: nothing of the one may be in the other.
    if (scenario === 'sep-2322-client-request-state')
      await call(client, 'test_mrtr_unrelated');
    return { action: 'accept', content: scenario === 'sep-2322-client-request-state' ? { confirmed: true } : {} };
  });
  client.setRequestHandler('sampling/createMessage', () => ({ model: 'none', role: 'assistant', content: { type: 'text', text: 'nothing' } }));
  client.setRequestHandler('roots/list', () => ({ roots: [] }));
  await client.connect(new StreamableHTTPClientTransport(new URL(behind?.url ?? url)));
  await acts[scenario](client);
  await client.close();
} finally {
  await behind?.end();
}
process.exit(0);
