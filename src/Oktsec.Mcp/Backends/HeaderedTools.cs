using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Backends;

/// <summary>Tools over HTTP: those whose header annotations break the rules are left out, and what the lists say is kept for the calls.</summary>
/// <param name="ask">Sends a request, with the headers as they are known then.</param>
internal sealed class HeaderedTools(
    BackendOptions options, IBackend outer, IBackendListener listener, Func<BackendRequest, CancellationToken, Task<RpcMessage>> ask)
{
    private const int MostPages = 1000; // as for every list

    /// <summary>A page of tools/list without the tools that must not be used (MCP 2026-07-28, Tools, "x-mcp-header").</summary>
    public async Task<RpcMessage> ListAsync(BackendRequest request, CancellationToken cancel)
    {
        var response = await ask(request, cancel);
        if (response.Kind is not RpcKind.Response)
            return response;
        var page = ListResult.Read(response.Memory(response.Result), "tools", "name", out _);
        var refused = options.Era.Headers.Learn(page.Items, options.Limits.MaxDepth);
        if (refused.All(reason => reason is null))
            return response;
        for (var i = 0; i < refused.Count; i++)
        {
            if (refused[i] is { } reason)
                listener.OnRefused(outer, new EnvelopeError(EnvelopeFault.UnknownShape, -32600, $"a tool is left out: {reason}", default, 0));
        }
        return ModernSession.Local(Without(response, page.Items.Where((_, i) => refused[i] is null)));
    }

    /// <summary>Calls, and when the server misses headers, asks it which it wants and calls again: it did nothing.</summary>
    /// <remarks>MCP 2026-07-28, Streamable HTTP, "Client Behavior": call tools/list, then retry with the appropriate headers.</remarks>
    public async Task<RpcMessage> CallAsync(Func<CancellationToken, Task<RpcMessage>> call, BackendRequest request, CancellationToken cancel)
    {
        var response = await call(cancel);
        if (response.Kind is not RpcKind.ErrorResponse || Discover.Code(response.Span(response.Error)) != Discover.HeaderMismatch)
            return response;
        if (!await LearnAsync(cancel))
            return response;
        response.Dispose();
        return await call(cancel);
    }

    private async Task<bool> LearnAsync(CancellationToken cancel)
    {
        var cursor = ReadOnlyMemory<byte>.Empty;
        for (var page = 0; page < MostPages; page++)
        {
            byte[] bytes = [.. """{"jsonrpc":"2.0","id":0,"method":"tools/list" """u8, .. cursor.IsEmpty ? [] : (byte[])[.. ",\"params\":{\"cursor\":"u8, .. cursor.Span, (byte)'}'], (byte)'}'];
            using var response = await ask(new BackendRequest { Bytes = bytes, Id = new ByteRange(bytes.AsSpan().IndexOf("0,"u8), 1), Method = Methods.ToolsList }, cancel);
            if (response.Kind is not RpcKind.Response)
                return false;
            var read = ListResult.Read(response.Memory(response.Result), "tools", "name", out _);
            options.Era.Headers.Learn(read.Items, options.Limits.MaxDepth);
            if (read.NextCursor.IsEmpty)
                return true;
            cursor = read.NextCursor.ToArray();
        }
        return true;
    }

    private static byte[] Without(RpcMessage response, IEnumerable<ListItem> kept)
    {
        var list = JsonMembers.Find(response.Span(response.Result), "tools"u8);
        var items = new List<byte> { (byte)'[' };
        foreach (var item in kept)
        {
            if (items.Count > 1)
                items.Add((byte)',');
            items.AddRange(item.Bytes.Span);
        }
        items.Add((byte)']');
        return Splice.ToArray(response.Bytes.Span, [new Edit(list with { Start = response.Result.Start + list.Start }, items.ToArray())]);
    }
}
