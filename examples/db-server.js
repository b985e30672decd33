// A read-only database over MCP (stdio), small enough to read: the stand-in for your own ./db-server.js.
// One tool, `query`, answers SELECT * FROM <table> [WHERE column = 'value'].
const { createInterface } = require('node:readline');

const tables = {
  customers: [
    { id: 1, name: 'Ada Example', city: 'Zurich' },
    { id: 2, name: 'Bo Example', city: 'Vienna' },
  ],
  orders: [
    { id: 10, customer: 1, total: 120 },
    { id: 11, customer: 2, total: 80 },
  ],
};

const query = {
  name: 'query',
  description: `Run a read-only query against the database at ${process.env.DB_HOST ?? 'localhost'}.`,
  inputSchema: { type: 'object', properties: { sql: { type: 'string' } }, required: ['sql'] },
  annotations: { readOnlyHint: true },
};

function run(sql) {
  const match = /^\s*select\s+\*\s+from\s+(\w+)(?:\s+where\s+(\w+)\s*=\s*'?([^';]*)'?)?\s*;?\s*$/i.exec(sql ?? '');
  const rows = match && Object.hasOwn(tables, match[1]) ? tables[match[1]] : null;
  if (!rows) return { content: [{ type: 'text', text: 'only SELECT * FROM customers or orders, with WHERE column = value' }], isError: true };
  const found = match[2] ? rows.filter(row => String(row[match[2]]) === match[3].trim()) : rows;
  return { content: [{ type: 'text', text: JSON.stringify(found, null, 2) }] };
}

const methods = {
  initialize: params => ({ protocolVersion: params?.protocolVersion ?? '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'db-server', version: '1.0.0' } }),
  ping: () => ({}),
  'tools/list': () => ({ tools: [query] }),
  'tools/call': params => (params?.name === 'query' ? run(params.arguments?.sql) : undefined),
};

createInterface({ input: process.stdin }).on('line', line => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return; // a notification
  const result = methods[method]?.(params);
  const answer = result === undefined ? { error: { code: -32601, message: `unknown: ${method}` } } : { result };
  process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, ...answer }) + '\n');
});
