using System.Buffers;
using System.Threading.Channels;
using Oktsec.Mcp.Backends;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Remote;

/// <summary>Where everything from the server comes together, in the order it came.</summary>
internal sealed class RemoteOutlet(ExchangeTable exchanges)
{
    // The messages wait here to be judged one by one; a server that sends faster is read no faster.
    private const int MostWaiting = 16;

    // A message is read strictly when it is judged. Here only whose answer it is matters.
    private static readonly EnvelopeLimits s_anySize = new(int.MaxValue, 256);

    private readonly Channel<RemoteMessage> _messages = Channel.CreateBounded<RemoteMessage>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });

    public ChannelReader<RemoteMessage> Messages => _messages.Reader;

    /// <summary>Hears every answer with the request it belongs to.</summary>
    public Action<Exchange, RpcMessage>? OnAnswer { get; set; }

    /// <summary>What a request is told whose answer is over the cap.</summary>
    public required Func<BackendUnavailableException> TooLarge { get; init; }

    /// <summary>Passes a message on.</summary>
    /// <returns>The exchange it answers, if it does.</returns>
    public async ValueTask<Exchange?> SayAsync(ReadOnlyMemory<byte> message, CancellationToken cancel)
    {
        var exchange = AnsweredBy(message, out var answer);
        if (exchange is null || answer is null)
            await _messages.Writer.WriteAsync(RemoteMessage.Of(message.Span), cancel);
        if (exchange is null)
            return null;
        if (answer is not null)
            OnAnswer?.Invoke(exchange, answer); // before anybody goes on who waited for it
        exchange.Answer(answer);
        if (answer is null)
            return exchange;
        if (!exchange.IsOwn)
            await _messages.Writer.WriteAsync(RemoteMessage.Of(message.Span), cancel);
        return exchange;
    }

    /// <summary>The same for an event of a stream, whose array is given back. What is over the cap fails the request that it answers, and is recorded when it answers none.</summary>
    /// <param name="item">The event.</param>
    /// <param name="own">The request on whose stream it came, if it is a request's.</param>
    /// <param name="isOnly">Whether all requests are answered on this one stream.</param>
    /// <exception cref="EventTooLargeException">It is over the cap, and may answer any request.</exception>
    public async ValueTask<Exchange?> SayAsync(ServerEvent item, Exchange? own, bool isOnly, CancellationToken cancel)
    {
        try
        {
            if (item.Tail is not null)
                return await RefuseAsync(item, own, isOnly, cancel);
            return item.Type == "message" && !item.Data.IsEmpty ? await SayAsync(item.Data, cancel) : null;
        }
        finally
        {
            if (item.Rented is not null)
                ArrayPool<byte>.Shared.Return(item.Rented);
        }
    }

    /// <summary>Tells that a request gets no answer. Nothing when it has one, or nobody waits for it.</summary>
    public async ValueTask FailAsync(Exchange exchange, bool wasSent, string reason)
    {
        exchanges.Remove(exchange);
        if (!exchange.IsAnswered && !exchange.IsCancelled && !exchange.IsOwn && exchange.Id.Length > 0)
            await FailAsync(new RemoteFailure(exchange.Id, wasSent, reason));
    }

    public async ValueTask FailAsync(RemoteFailure failure)
    {
        try
        {
            await _messages.Writer.WriteAsync(new RemoteMessage(failure));
        }
        catch (ChannelClosedException)
        {
            // Nobody reads any more.
        }
    }

    public void Close() => _messages.Writer.TryComplete();

    private async ValueTask<Exchange?> RefuseAsync(ServerEvent item, Exchange? own, bool isOnly, CancellationToken cancel)
    {
        var mayAnswer = IdPeek.IsAnswer(item.Data.Span) != false;
        var id = mayAnswer ? IdPeek.Token(item.Data.Span, item.Tail) : [];
        var exchange = id.Length > 0 ? exchanges.Find(id) ?? exchanges.Find(RpcIds.Unquoted(id)) : mayAnswer ? own : null;
        if (exchange is null && mayAnswer && isOnly)
            throw new EventTooLargeException();
        if (exchange is null)
            await _messages.Writer.WriteAsync(new RemoteMessage(RemoteFailure.Dropped), cancel);
        else
            exchange.Break(TooLarge());
        return exchange;
    }

    private Exchange? AnsweredBy(ReadOnlyMemory<byte> bytes, out RpcMessage? answer)
    {
        answer = null;
        if (!EnvelopeReader.TryRead(bytes, s_anySize, out var message, out var error))
            return !error.Id.IsEmpty && exchanges.TryTake(error.Id.Span, out var refused) ? refused : null;
        if (message.Kind is not (RpcKind.Response or RpcKind.ErrorResponse) || message.Id.IsEmpty || !exchanges.TryTake(message.Span(message.Id), out var exchange))
            return null;
        answer = message;
        return exchange;
    }
}
