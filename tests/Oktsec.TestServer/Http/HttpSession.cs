using System.Collections.Concurrent;

namespace Oktsec.TestServer.Http;

/// <summary>A session over Streamable HTTP and its streams.</summary>
internal sealed class HttpSession
{
    private readonly bool _withIds;
    private int _streams;

    public HttpSession(ServerOptions server, Action<HttpSession> forget)
    {
        _withIds = server.Arguments.EventIds;
        Listening = NewStream();
        Session = new Session(server, new StreamChannel(Listening)) { Lose = () => forget(this) };
    }

    public string Id { get; } = Guid.NewGuid().ToString("N");

    public Session Session { get; }

    /// <summary>The stream of GET.</summary>
    public EventLog Listening { get; }

    public ConcurrentDictionary<string, EventLog> Streams { get; } = [];

    public EventLog NewStream()
    {
        var log = new EventLog($"s{Interlocked.Increment(ref _streams)}", _withIds);
        Streams[log.Name] = log;
        return log;
    }
}
