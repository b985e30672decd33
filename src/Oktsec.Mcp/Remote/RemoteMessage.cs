using System.Buffers;

namespace Oktsec.Mcp.Remote;

/// <summary>A request that gets no answer from the server, and why.</summary>
/// <param name="Id">The raw token of its id; empty where something of the server's was dropped that nobody asked for.</param>
/// <param name="WasSent">Whether the server may have carried it out; false means it provably did not.</param>
/// <param name="Reason">For people: what happened and what helps. Nothing in it is the server's text.</param>
internal sealed record RemoteFailure(byte[] Id, bool WasSent, string Reason)
{
    /// <summary>A message over the cap that answers no request.</summary>
    public static RemoteFailure Dropped { get; } = new([], WasSent: false, "");
}

/// <summary>What comes from a remote server: a message as one line, or the news that a request gets none.</summary>
internal readonly struct RemoteMessage
{
    private readonly byte[]? _rented;
    private readonly int _length;

    private RemoteMessage(byte[] rented, int length) => (_rented, _length) = (rented, length);

    public RemoteMessage(RemoteFailure failure) => Failure = failure;

    public RemoteFailure? Failure { get; }

    /// <summary>The message and a line feed; valid until <see cref="Return"/>.</summary>
    public ReadOnlyMemory<byte> Line => _rented.AsMemory(0, _length);

    /// <summary>Over HTTP a message may be written on several lines; between a client and its stdio server a line is a message.</summary>
    public static RemoteMessage Of(ReadOnlySpan<byte> message)
    {
        var rented = ArrayPool<byte>.Shared.Rent(message.Length + 1);
        var line = rented.AsSpan(0, message.Length);
        message.CopyTo(line);
        if (line.ContainsAny((byte)'\n', (byte)'\r'))
        {
            line.Replace((byte)'\n', (byte)' ');
            line.Replace((byte)'\r', (byte)' ');
        }
        rented[message.Length] = (byte)'\n';
        return new RemoteMessage(rented, message.Length + 1);
    }

    public void Return()
    {
        if (_rented is not null)
            ArrayPool<byte>.Shared.Return(_rented);
    }
}
