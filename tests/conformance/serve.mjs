// Serves what `offer` makes, over HTTP or over stdio, in every revision the official server speaks.
import { createMcpHandler } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { listen } from './front.mjs';
import { offer } from './offer.mjs';

const tell = {
  tools: server => server.sendToolListChanged(),
  prompts: server => server.sendPromptListChanged(),
  resources: server => server.sendResourceListChanged(),
  resource: (server, uri) => server.sendResourceUpdated({ uri }),
};

/** `how` is http or stdio, or http-modern for one that opens no sessions; `more` adds to what is offered. */
export function serve(how, more) {
  if (how === 'stdio') {
    serveStdio(() => offer((kind, server, uri) => tell[kind](server, uri), undefined, more));
    return;
  }
  // A request of 2026-07-28 has a server of its own; who listens is known to the handler.
  const notify = {
    tools: () => handler.notify.toolsChanged(),
    prompts: () => handler.notify.promptsChanged(),
    resources: () => handler.notify.resourcesChanged(),
    resource: uri => handler.notify.resourceUpdated(uri),
  };
  const handler = createMcpHandler(() => offer((kind, _, uri) => notify[kind](uri), undefined, more), { legacy: 'reject' });
  listen({
    connect: transport => how === 'http-modern' ? Promise.reject(new Error('no sessions here')) : offer((kind, server, uri) => tell[kind](server, uri), async ({ mcpReq }) => {
      transport.closeSSEStream(mcpReq.id);
      // The answer comes a moment later, as it would from a tool that takes long: the client has noticed.
      await new Promise(resolve => setTimeout(resolve, 50));
    }, more).connect(transport),
    modern: async (request, body) => {
      const reply = await handler.fetch(request, { parsedBody: body });
      if (how === 'http-modern' || body?.method !== 'server/discover' || !reply.ok)
        return reply;
      // The handler knows of its own revision only; beside it this server opens sessions.
      const answer = await reply.json();
      answer.result.supportedVersions.push('2025-11-25', '2025-06-18');
      return Response.json(answer);
    },
  });
}
