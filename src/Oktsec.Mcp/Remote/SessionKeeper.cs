using System.Globalization;
using System.Text;
using Oktsec.Mcp.Backends;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Remote;

/// <summary>The session with the server: opened by the client's own initialize, and opened again with the same when the server forgot it.</summary>
internal sealed class SessionKeeper(RemoteLink link, PostAnswer answers)
{
    private const int LongestSessionId = 1024; // a JWT fits; it goes into a header of every request
    private const int LongestVersion = 32; // "2025-11-25" has ten, and the server chooses it

    // A server that forgot the session knows how to make one; clients wait a minute for it.
    private static readonly TimeSpan s_reopenPatience = TimeSpan.FromSeconds(60);

    private readonly SemaphoreSlim _one = new(1);
    private RemoteSession _current = RemoteSession.None;
    private ClientMessage? _initialize;
    private ClientMessage? _initialized;
    private (Exchange Exchange, string? Id, LegacyStream? Legacy)? _opening;
    private int _own;

    public RemoteSession Current => Volatile.Read(ref _current);

    /// <summary>Sends the client's initialize. Returns when its answer has been passed on.</summary>
    /// <exception cref="BackendUnavailableException">There is none.</exception>
    public async Task OpenAsync(Exchange exchange, ClientMessage initialize)
    {
        _initialize = initialize;
        Volatile.Write(ref _current, RemoteSession.None);
        await SendAsync(exchange, initialize, initialize.Bytes);
    }

    /// <summary>The client has heard the answer: the server may speak by itself from now on.</summary>
    public void Initialized(ClientMessage initialized)
    {
        _initialized = initialized;
        Listen();
    }

    /// <summary>Opens a session in place of one that is gone, unless somebody else has.</summary>
    /// <exception cref="BackendUnavailableException">It cannot be opened.</exception>
    public async Task ReopenAsync(RemoteSession gone)
    {
        await _one.WaitAsync(link.Lifetime);
        try
        {
            if (!ReferenceEquals(Current, gone) || _initialize is not { } initialize)
                return;
            var id = OwnId();
            var bytes = Splice.ToArray(initialize.Bytes.Span, [new Edit(initialize.Parsed!.Id, id)]);
            using var exchange = new Exchange(id, link.Lifetime) { IsOwn = true };
            link.Exchanges.Add(exchange);
            exchange.LeaveAfter(s_reopenPatience);
            try
            {
                await SendAsync(exchange, initialize, bytes);
            }
            catch (OperationCanceledException e) when (!link.Lifetime.IsCancellationRequested)
            {
                throw link.Wire.Unavailable("forgot the session and does not answer initialize", sent: false, e);
            }
            finally
            {
                link.Exchanges.Remove(exchange);
            }
            if (_initialized is { } initialized)
            {
                await PostNoteAsync(initialized, Current, link.Lifetime);
                Listen();
            }
            link.OnProblem("had forgotten the session; it was opened again, without the subscriptions and the logging level of before");
        }
        catch (BackendUnavailableException e) when (e.Sent)
        {
            throw link.Wire.Unavailable(e.Reason, sent: false, e); // what was to be sent then was not
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Whether the session that a server refused a message in is gone: some say 400 where 404 is meant.</summary>
    public async Task<bool> IsGoneAsync(RemoteSession session, CancellationToken cancel)
    {
        byte[] ping = [.. "{\"jsonrpc\":\"2.0\",\"id\":"u8, .. OwnId(), .. ",\"method\":\"ping\"}"u8];
        using var response = await link.PostAsync(ClientMessage.Of(ping), ping, session, cancel);
        return (int)response.StatusCode is 400 or 404;
    }

    /// <summary>Sends a notification or an answer.</summary>
    /// <exception cref="SessionGoneException">The server does not know the session any more.</exception>
    /// <exception cref="BackendUnavailableException">It was not taken.</exception>
    public async Task PostNoteAsync(ClientMessage note, RemoteSession session, CancellationToken cancel)
    {
        if (session.Legacy is { } legacy)
        {
            await legacy.PostAsync(note.Bytes, cancel);
            return;
        }
        using var response = await link.PostAsync(note, note.Bytes, session, cancel);
        if (session.Id is not null && (int)response.StatusCode == 404)
            throw new SessionGoneException("does not know the session any more");
        if (!response.IsSuccessStatusCode)
            throw StatusProblem.Of(link.Options, response);
    }

    /// <summary>Tells the server that the session is over.</summary>
    public async Task LeaveAsync(CancellationToken cancel)
    {
        if (Current is not { Id: { } id, Version: var version })
            return;
        try
        {
            using var response = await link.Wire.SendAsync(
                new WireRequest(HttpMethod.Delete, link.Options.Url!, null, WireRequest.Json) { Session = id, Version = version }, cancel);
        }
        catch (Exception e) when (e is BackendUnavailableException or OperationCanceledException)
        {
            // It will notice by itself (405, or gone).
        }
    }

    private async Task SendAsync(Exchange exchange, ClientMessage initialize, ReadOnlyMemory<byte> bytes)
    {
        using var response = await link.PostAsync(initialize, bytes, RemoteSession.None, exchange.Left);
        var status = new HttpStatusException((int)response.StatusCode);
        if (!response.IsSuccessStatusCode && status.MayBeLegacy)
        {
            await FallBackAsync(exchange, bytes, response);
            return;
        }
        // Taken now, valid once the answer says that there is a session.
        _opening = (exchange, response.IsSuccessStatusCode ? SessionId(response) : null, null);
        await answers.ReadAsync(exchange, RemoteSession.None, response);
    }

    // MCP 2025-11-25, Transports, "Backwards Compatibility". The server's own error is the answer when there is no such stream either.
    private async Task FallBackAsync(Exchange exchange, ReadOnlyMemory<byte> bytes, HttpResponseMessage refusal)
    {
        LegacyStream legacy;
        try
        {
            legacy = await LegacyStream.OpenAsync(link, exchange.Left);
        }
        catch (BackendUnavailableException e)
        {
            if (await link.ErrorOfAsync(refusal, exchange.Id, exchange.Left) is { } error)
            {
                await link.Outlet.SayAsync(error, exchange.Left);
                return;
            }
            throw link.Wire.Unavailable(
                $"speaks neither Streamable HTTP (POST: {StatusProblem.Of(link.Options, refusal).Reason}) nor HTTP+SSE (GET: {e.Reason})", sent: false, e);
        }
        _opening = (exchange, null, legacy);
        await legacy.PostAsync(bytes, exchange.Left);
        await exchange.Answered.WaitAsync(exchange.Left);
    }

    /// <summary>Hears every answer: the one to initialize makes the session, before the client hears it and goes on.</summary>
    public void Heard(Exchange exchange, RpcMessage answer)
    {
        if (_opening is not { } opening || opening.Exchange != exchange || answer.Kind is not RpcKind.Response)
            return;
        var version = JsonMembers.Text(answer.Span(answer.Result), "protocolVersion"u8);
        Volatile.Write(ref _current, new RemoteSession(opening.Id, IsVersion(version) ? version : null, opening.Legacy));
    }

    private void Listen()
    {
        if (Current is { Legacy: null } session && _initialize is not null)
            _ = new GetStream(link, session, ReopenAsync).RunAsync();
    }

    private byte[] OwnId() => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"\"oktsec-{Interlocked.Increment(ref _own)}\""));

    private string? SessionId(HttpResponseMessage response)
    {
        if (!response.Headers.TryGetValues("Mcp-Session-Id", out var values))
            return null;
        // "The session ID MUST only contain visible ASCII characters (ranging from 0x21 to 0x7E)."
        if (values.ToArray() is not [{ Length: > 0 and <= LongestSessionId } id] || id.AsSpan().ContainsAnyExceptInRange('!', '~'))
            throw link.Wire.Unavailable("gave a session id that is not one of visible ASCII characters", sent: false);
        return id;
    }

    private static bool IsVersion(string? text) =>
        text is { Length: > 0 and <= LongestVersion } && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');
}
