// A connection of either generation of the SDK, which says when the stream for the server's own messages is open, and keeps all progress:
// a client forgets what it gets in one piece with the answer.
export function sessionOver(target, record, Http, Stdio) {
  const open = Promise.withResolvers();
  const transport = target.url
    ? new Http(new URL(target.url), {
      requestInit: { headers: target.headers ?? {} },
      fetch: async (url, init) => {
        const response = await fetch(url, init);
        if (init?.method === 'GET' && response.ok)
          open.resolve();
        return response;
      },
    })
    : new Stdio({ command: target.command, args: target.args, env: target.env, stderr: 'inherit' });
  if (!target.url)
    open.resolve();
  transport.onmessage = message => message.method === 'notifications/progress' && record.hear(message.method, message.params);
  return { transport, listening: () => open.promise };
}
