using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Oktsec.Mcp.Http;

/// <summary>What went, or is yet to go, over the event stream of one POST: an agent that lost the stream, or was let go, gets the rest by GET.</summary>
/// <remarks>MCP 2025-11-25, Transports, "Resumability and Redelivery". Thread safe.</remarks>
public sealed class ReplyLog(string stream)
{
    // A long call that tells its progress all the time would fill the memory: of what was sent first, only the end is of use.
    private const int MaxMessages = 256;
    private const long MaxBytes = 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly Queue<byte[]> _messages = [];
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _dropped;
    private bool _finished;

    public string Stream { get; } = stream;

    /// <summary>Of all messages kept.</summary>
    public long Bytes { get; private set; }

    /// <summary>The event id of the message with this number; 0 is the event that opens the stream.</summary>
    public string EventId(int number) => string.Create(CultureInfo.InvariantCulture, $"{Stream}-{number}");

    /// <summary>Keeps a copy and returns its event id.</summary>
    public string Add(ReadOnlySpan<byte> message, bool final)
    {
        lock (_lock)
        {
            _messages.Enqueue(message.ToArray());
            Bytes += message.Length;
            while (_messages.Count > MaxMessages || (Bytes > MaxBytes && _messages.Count > 1))
            {
                Bytes -= _messages.Dequeue().Length;
                _dropped++;
            }
            Announce(final);
            return EventId(_dropped + _messages.Count);
        }
    }

    /// <summary>Nothing more comes.</summary>
    public void Finish()
    {
        lock (_lock)
            Announce(final: true);
    }

    /// <summary>Serves one GET: everything after the message with this number, as it comes, to the end.</summary>
    public async Task ServeAsync(HttpContext http, int after, Heartbeat heartbeat, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel, http.RequestAborted);
        try
        {
            using var response = new EventResponse(http, stop.Token);
            await response.StartAsync(heartbeat);
            while (true)
            {
                var (messages, number, news) = After(after);
                foreach (var message in messages)
                    await response.WriteAsync(message, EventId(number++));
                if (news is null)
                    return;
                after = number - 1;
                await news.WaitAsync(stop.Token);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The agent left, and may come back; or the session ended.
        }
    }

    // What is kept after a number, the number of its first, and what completes when there is more; null when there will be none.
    private (byte[][] Messages, int Number, Task? News) After(int number)
    {
        lock (_lock)
        {
            var skip = Math.Clamp(number - _dropped, 0, _messages.Count);
            return ([.. _messages.Skip(skip)], _dropped + skip + 1, _finished ? null : _news.Task);
        }
    }

    private void Announce(bool final)
    {
        _finished |= final;
        _news.SetResult();
        _news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>The streams of one session that can still be taken up again. Bounded; the oldest go first, the newest always stays.</summary>
public sealed class ReplyLogs
{
    private const int MaxStreams = 64; // as many calls as an agent may have under way by default
    private const long MaxBytes = 2 * 1024 * 1024; // some hundred ordinary results

    private readonly Lock _lock = new();
    private readonly List<ReplyLog> _logs = [];
    private int _last;

    /// <summary>A new one, with a name that no other stream of the session has.</summary>
    public ReplyLog Open()
    {
        lock (_lock)
        {
            var log = new ReplyLog((++_last).ToString(CultureInfo.InvariantCulture));
            _logs.Add(log);
            while (_logs.Count > 1 && (_logs.Count > MaxStreams || _logs.Sum(l => l.Bytes) > MaxBytes))
                _logs.RemoveAt(0);
            return log;
        }
    }

    /// <summary>The stream an event id is of, and the number of its message; null when it is not kept, or no id of ours.</summary>
    public (ReplyLog Log, int Number)? Find(string eventId)
    {
        var dash = eventId.IndexOf('-', StringComparison.Ordinal);
        if (dash < 0 || !int.TryParse(eventId.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return null;
        lock (_lock)
            return _logs.Find(log => eventId.AsSpan(0, dash).SequenceEqual(log.Stream)) is { } found ? (found, number) : null;
    }
}
