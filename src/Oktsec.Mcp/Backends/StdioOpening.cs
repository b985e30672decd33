using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Backends;

/// <summary>
/// The first words to a child: server/discover, and initialize where that finds no modern server (MCP 2026-07-28, stdio, "Backward Compatibility").
/// For an agent with a session it is the other way round, as the agent itself would begin: a server of both eras is opened for the one it hears first.
/// </summary>
/// <param name="request">Sends a request of the opening, without a timeout of its own.</param>
/// <param name="send">Sends a notification.</param>
internal sealed class StdioOpening(
    BackendOptions options, TimeProvider time, Func<BackendRequest, CancellationToken, Task<RpcMessage>> request, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> send)
{
    public async Task<BackendHandshake> RunAsync(ReadOnlyMemory<byte> initializeParams, CancellationToken cancel)
    {
        if (options.OpensWithInitialize)
            return await OpenSessionAsync(initializeParams, cancel);
        if (!options.MayBeModern)
            return await InitializeAsync(initializeParams, cancel);
        var discovered = AskAsync(initializeParams, cancel);
        if (options.IsModernOnly || await AnswersWithin(discovered))
        {
            return await discovered is { } modern ? modern
                : options.IsModernOnly ? throw new BackendUnavailableException(options.Name, $"it does not speak {Discover.Modern}; see protocol", sent: false)
                : await InitializeAsync(initializeParams, cancel);
        }
        // Silence: it ignores what it does not know, or is not up yet. Whichever answer says more than no decides; initialize first,
        // because a server that knows both eras serves the one it was opened for.
        try
        {
            return await InitializeAsync(initializeParams, cancel);
        }
        catch (BackendUnavailableException e) when (e.InnerException is RefusedException)
        {
            if (await AnswersWithin(discovered) && await discovered is { } late)
                return late;
            throw;
        }
    }

    private async Task<BackendHandshake> OpenSessionAsync(ReadOnlyMemory<byte> initializeParams, CancellationToken cancel)
    {
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var opened = InitializeAsync(initializeParams, giveUp.Token);
        // Silence: it knows no sessions and ignores what it does not know, or is not up yet. It is asked the other way too.
        var discovered = await AnswersWithin(opened) ? null : AskAsync(initializeParams, cancel);
        if (discovered is not null && await Task.WhenAny((Task)opened, discovered) == discovered && await discovered is { } silent)
        {
            await giveUp.CancelAsync();
            return silent;
        }
        try
        {
            return await opened;
        }
        catch (BackendUnavailableException e) when (e.InnerException is RefusedException)
        {
            if (await (discovered ?? AskAsync(initializeParams, cancel)) is { } modern)
                return modern;
            throw;
        }
        catch (BackendUnavailableException e) when (e is { Sent: true, InnerException: null })
        {
            // It may be one that knows no sessions, and ends when it is asked for one; or, asked both ways, one that ends when it is asked the other.
            throw new BackendUnavailableException(
                options.Name, $"{e.Reason} before it answered initialize", sent: false, discovered is null ? new EndedByInitializeException() : new EndedByProbeException());
        }
    }

    private async Task<BackendHandshake?> AskAsync(ReadOnlyMemory<byte> initializeParams, CancellationToken cancel)
    {
        var meta = new ModernMeta(initializeParams);
        try
        {
            var (era, handshake) = Discover.Read(options, await request(Discover.Request(meta), cancel));
            if (era is Era.Modern && handshake is null) // it told its versions by an error, and ours is among them
                (_, handshake) = Discover.Read(options, await request(Discover.Request(meta), cancel));
            return handshake;
        }
        catch (BackendUnavailableException e) when (e.InnerException is not NotLegacyException)
        {
            // Some servers end when the first thing they hear is not initialize.
            throw new BackendUnavailableException(options.Name, e.Reason, sent: false, new EndedByProbeException());
        }
    }

    private async Task<BackendHandshake> InitializeAsync(ReadOnlyMemory<byte> initializeParams, CancellationToken cancel)
    {
        var response = await request(Initialize.Request(options.Asking(initializeParams)), cancel);
        var handshake = Initialize.Read(options.Name, response);
        await send(Initialize.Initialized, cancel);
        return handshake;
    }

    private async Task<bool> AnswersWithin(Task task)
    {
        try
        {
            await task.WaitAsync(options.SilencePatience, time);
        }
        catch (TimeoutException)
        {
            return false;
        }
        catch (Exception e) when (e is BackendUnavailableException or OperationCanceledException)
        {
            // Whoever asks for the outcome hears it.
        }
        return true;
    }
}
