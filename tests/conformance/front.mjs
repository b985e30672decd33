// The HTTP side of the fixture backend and of the bridge: node's requests to the web standard ones, sessions, Host.
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { Readable } from 'node:stream';
import { WebStandardStreamableHTTPServerTransport, classifyInboundRequest, isInitializeRequest } from '@modelcontextprotocol/server';

/** Everything sent on a stream, so that a client which lost it can ask for the rest. */
class Events {
  #sent = [];

  async storeEvent(stream, message) {
    return `${stream}/${this.#sent.push({ stream, message }) - 1}`;
  }

  async replayEventsAfter(id, { send }) {
    const [stream, last] = id.split('/');
    for (const [i, event] of this.#sent.entries()) {
      // What opened the stream has no content.
      if (i > Number(last) && event.stream === stream && Object.keys(event.message).length > 0)
        await send(`${stream}/${i}`, event.message);
    }
    return stream;
  }
}

const error = (status, code, message, id = null) => Response.json({ jsonrpc: '2.0', id, error: { code, message } }, { status });

/**
 * Listens on a free port of loopback and prints its address.
 * `connect(transport)` gives a new session its server; `modern(request, body, route)` answers a request of 2026-07-28.
 */
export function listen({ connect, modern }) {
  const sessions = new Map();

  async function answer(request, body) {
    if (!['127.0.0.1', 'localhost', '[::1]'].includes(new URL(`http://${request.headers.get('host')}`).hostname))
      return error(403, -32000, 'Host is not allowed');
    const origin = request.headers.get('origin');
    if (origin && !['127.0.0.1', 'localhost', '[::1]'].includes(new URL(origin).hostname))
      return error(403, -32000, 'Origin is not allowed');
    if (request.method === 'POST') {
      const route = classifyInboundRequest({
        httpMethod: 'POST',
        protocolVersionHeader: request.headers.get('mcp-protocol-version') ?? undefined,
        mcpMethodHeader: request.headers.get('mcp-method') ?? undefined,
        mcpNameHeader: request.headers.get('mcp-name') ?? undefined,
        body,
      });
      if (route.kind !== 'legacy')
        return modern(request, body, route);
    }
    const id = request.headers.get('mcp-session-id');
    if (id !== null)
      return sessions.get(id)?.handleRequest(request, { parsedBody: body }) ?? error(404, -32001, 'Session not found');
    if (!isInitializeRequest(body))
      return error(400, -32000, 'Session id required');
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      eventStore: new Events(),
      retryInterval: 300,
      onsessioninitialized: id => void sessions.set(id, transport),
    });
    await connect(transport);
    const closed = transport.onclose;
    transport.onclose = () => {
      sessions.delete(transport.sessionId);
      closed?.();
    };
    return transport.handleRequest(request, { parsedBody: body });
  }

  const server = http.createServer(async (request, response) => {
    try {
      const chunks = [];
      for await (const chunk of request)
        chunks.push(chunk);
      const bytes = Buffer.concat(chunks);
      const aborted = new AbortController();
      response.on('close', () => response.writableFinished || aborted.abort());
      const web = new Request(new URL(request.url, `http://${request.headers.host}`), {
        method: request.method,
        headers: Object.entries(request.headersDistinct).flatMap(([name, values]) => values.map(value => [name, value])),
        body: bytes.length > 0 ? bytes : undefined,
        signal: aborted.signal,
      });
      const reply = await answer(web, bytes.length > 0 ? JSON.parse(bytes) : undefined);
      response.writeHead(reply.status, Object.fromEntries(reply.headers));
      response.flushHeaders();
      if (reply.body)
        Readable.fromWeb(reply.body).on('error', () => response.destroy()).pipe(response);
      else
        response.end();
    } catch (fault) {
      console.error(fault);
      if (!response.headersSent)
        response.writeHead(500);
      response.end();
    }
  });
  server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => console.log(`listening on port ${server.address().port}`));
}
