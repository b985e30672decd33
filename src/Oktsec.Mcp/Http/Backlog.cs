namespace Oktsec.Mcp.Http;

/// <summary>Messages on their way to a client that reads slowly, or not now. Bounded in number and in bytes: progress and log messages give way first.</summary>
/// <remarks>Thread safe. A single message always fits, whatever its size: what nobody waits before is not held up.</remarks>
internal sealed class Backlog
{
    /// <summary>256 messages: a burst of log lines while a client is busy or away.</summary>
    private const int Many = 256;

    /// <summary>1 MiB of what may be shed; an ordinary log line has some hundred bytes.</summary>
    private const int ManyBytes = 1024 * 1024;

    /// <summary>Questions and changes may be four times as many, and twice as large as the largest message of a backend (32 MiB).</summary>
    private const int Most = 4 * Many;
    private const long MostBytes = 64L * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly LinkedList<(ReadOnlyMemory<byte> Message, bool IsDroppable)> _waiting = new();
    private long _bytes;

    /// <summary>Messages that were left out because nobody read them in time.</summary>
    public long Dropped { get; private set; }

    public bool IsEmpty
    {
        get { lock (_lock) return _waiting.Count == 0; }
    }

    /// <summary>Of all that wait.</summary>
    public long Bytes
    {
        get { lock (_lock) return _bytes; }
    }

    /// <summary>Adds a message; false when it is left out.</summary>
    public bool TryAdd(ReadOnlyMemory<byte> message, bool isDroppable)
    {
        lock (_lock)
        {
            if (!HasRoom(message, Many, ManyBytes) && !isDroppable && WaitsAlready(message))
                return true; // "the list changed" says no more when said twice
            while (!HasRoom(message, Many, ManyBytes) && Shed())
            {
            }
            if (!HasRoom(message, isDroppable ? Many : Most, isDroppable ? ManyBytes : MostBytes))
            {
                Dropped++;
                return false;
            }
            _waiting.AddLast((message, isDroppable));
            _bytes += message.Length;
            return true;
        }
    }

    /// <summary>The oldest; false when none waits.</summary>
    public bool TryTake(out ReadOnlyMemory<byte> message)
    {
        lock (_lock)
        {
            message = _waiting.First?.Value.Message ?? default;
            if (_waiting.Count == 0)
                return false;
            Remove(_waiting.First!);
            return true;
        }
    }

    private bool HasRoom(ReadOnlyMemory<byte> message, int count, long bytes) =>
        _waiting.Count == 0 || (_waiting.Count < count && _bytes + message.Length <= bytes);

    private bool WaitsAlready(ReadOnlyMemory<byte> message)
    {
        foreach (var (waiting, _) in _waiting)
        {
            if (waiting.Span.SequenceEqual(message.Span))
                return true;
        }
        return false;
    }

    private bool Shed()
    {
        for (var node = _waiting.First; node is not null; node = node.Next)
        {
            if (!node.Value.IsDroppable)
                continue;
            Remove(node);
            Dropped++;
            return true;
        }
        return false;
    }

    private void Remove(LinkedListNode<(ReadOnlyMemory<byte> Message, bool IsDroppable)> node)
    {
        _bytes -= node.Value.Message.Length;
        _waiting.Remove(node);
    }
}
