// The TypeScript SDK's second client. It connects as it is told, walks what it is told and prints what it got, as one JSON value.
// stdin, one JSON value: {"url","headers"} or {"command","args"}, "mode": "legacy" | {"pin": "2026-07-28"} | "auto", "capabilities", "answers",
//                        "calls": [{"name","arguments"}]
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { text } from 'node:stream/consumers';

console.log = console.debug = console.info = console.error; // stdout is for the one value
const target = JSON.parse(await text(process.stdin));
const transport = target.url
  ? new StreamableHTTPClientTransport(new URL(target.url), { requestInit: { headers: target.headers ?? {} } })
  : new StdioClientTransport({ command: target.command, args: target.args, env: target.env, stderr: 'ignore' });
const client = new Client({ name: 'oktsec-peer', version: '1.0.0' }, { capabilities: target.capabilities, versionNegotiation: { mode: target.mode } });
for (const [method, answer] of Object.entries(target.answers ?? {})) {
  client.setRequestHandler(method, () => answer);
}
await client.connect(transport, { timeout: 180_000 });

// What a revision adds to every result, and what it says about keeping one, is not what a server answered.
const bare = ({ resultType, ttlMs, cacheScope, ...rest }) => rest;
const attempt = async (work) => {
  try {
    return bare(await work());
  } catch (error) {
    return { error: { code: error.code, message: String(error.message), data: error.data } };
  }
};

const offered = {};
for (const list of ['Tools', 'Prompts', 'Resources', 'ResourceTemplates']) {
  offered[list] = await attempt(() => client[`list${list}`]());
}
for (const tool of offered.Tools.tools ?? []) {
  delete tool.execution; // of 2025-11-25: the client takes it out of what it gets of the later revision
}
const calls = [];
for (const { name, arguments: given } of target.calls ?? []) {
  calls.push(await attempt(() => client.callTool({ name, arguments: given }, { timeout: 180_000 })));
}
process.stdout.write(JSON.stringify({
  version: client.getNegotiatedProtocolVersion(),
  capabilities: client.getServerCapabilities(),
  server: client.getServerVersion(),
  offered, calls,
}));
await client.close();
process.exit(0);
