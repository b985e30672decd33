// The backend the suite drives. usage: node backend.mjs http | stdio
import { createMcpHandler } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { listen } from './front.mjs';
import { offer } from './offer.mjs';

const tell = { tools: server => server.sendToolListChanged(), prompts: server => server.sendPromptListChanged() };

if (process.argv[2] === 'stdio') {
  serveStdio(() => offer((kind, server) => tell[kind](server)));
} else {
  // A request of 2026-07-28 has a server of its own; who listens is known to the handler.
  const handler = createMcpHandler(() => offer(kind => kind === 'tools' ? handler.notify.toolsChanged() : handler.notify.promptsChanged()), { legacy: 'reject' });
  listen({
    connect: transport => offer((kind, server) => tell[kind](server), async ({ mcpReq }) => {
      transport.closeSSEStream(mcpReq.id);
      // The answer comes a moment later, as it would from a tool that takes long: the client has noticed.
      await new Promise(resolve => setTimeout(resolve, 50));
    }).connect(transport),
    modern: async (request, body) => {
      const reply = await handler.fetch(request, { parsedBody: body });
      if (body?.method !== 'server/discover' || !reply.ok)
        return reply;
      // The handler knows of its own revision only; beside it this server opens sessions.
      const answer = await reply.json();
      answer.result.supportedVersions.push('2025-11-25', '2025-06-18');
      return Response.json(answer);
    },
  });
}
