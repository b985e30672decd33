namespace Oktsec.Mcp.Envelope;

/// <summary>Finds a key that an object has twice, for all open objects of one message at once, in linear time.</summary>
/// <remarks>
/// The keys of the open objects lie on one stack; one open-addressing table finds them by hash. An object that closes takes its keys off
/// the top, and since nothing later is left, clearing their slots breaks no probe sequence. The hash is the runtime's own for strings
/// (Marvin, seeded at random for each process), so an attacker cannot choose keys that collide. Not thread safe: one per thread.
/// </remarks>
internal sealed class KeyTracker
{
    // 256 keys open at once: above every message of the common servers, tools/list included. 4 + 2 KiB for a thread.
    private const int SmallCapacity = 256;

    [ThreadStatic]
    private static KeyTracker? _ofThread;

    private Entry[] _entries = new Entry[SmallCapacity];
    private int[] _slots = new int[2 * SmallCapacity]; // index of the entry + 1; at most half full
    private Frame[] _frames = new Frame[64];
    private byte[] _decoded = [];
    private int _count;
    private int _depth;
    private int _decodedLength;

    /// <summary>The calling thread's tracker, empty. Valid until the next call on this thread.</summary>
    public static KeyTracker Take()
    {
        var tracker = _ofThread ??= new KeyTracker();
        tracker.Clear();
        return tracker;
    }

    public void OpenObject()
    {
        if (_depth == _frames.Length)
            Array.Resize(ref _frames, 2 * _depth);
        _frames[_depth++] = new Frame(_count, _decodedLength);
    }

    public void CloseObject()
    {
        var frame = _frames[--_depth];
        while (_count > frame.FirstEntry)
            _slots[_entries[--_count].Slot] = 0;
        _decodedLength = frame.DecodedLength;
    }

    /// <summary>Room to decode a key into, for <see cref="AddDecoded"/>.</summary>
    public Span<byte> RoomFor(int length)
    {
        if (_decoded.Length - _decodedLength < length)
            Array.Resize(ref _decoded, Math.Max(2 * _decoded.Length, _decodedLength + length));
        return _decoded.AsSpan(_decodedLength, length);
    }

    /// <summary>Adds a key that stands in the message without escapes. False when the innermost object has it already.</summary>
    public bool Add(ReadOnlySpan<byte> message, int start, int length) => Add(message, message.Slice(start, length), start);

    /// <summary>Adds the first <paramref name="length"/> bytes of the room given last.</summary>
    public bool AddDecoded(ReadOnlySpan<byte> message, int length)
    {
        var key = _decoded.AsSpan(_decodedLength, length);
        if (!Add(message, key, ~_decodedLength))
            return false;
        _decodedLength += length;
        return true;
    }

    private bool Add(ReadOnlySpan<byte> message, ReadOnlySpan<byte> key, int start)
    {
        var first = _frames[_depth - 1].FirstEntry;
        // The depth spreads the same key of nested objects ("children" in "children") over the table.
        var hash = unchecked(HashOf(key) + (_depth * (int)0x9E3779B9)); // 2^32 / golden ratio
        var mask = _slots.Length - 1;
        var slot = hash & mask;
        for (; _slots[slot] != 0; slot = (slot + 1) & mask)
        {
            var index = _slots[slot] - 1;
            ref readonly var entry = ref _entries[index];
            if (index >= first && entry.Hash == hash && KeyOf(message, in entry).SequenceEqual(key))
                return false;
        }
        _slots[slot] = _count + 1;
        _entries[_count++] = new Entry(start, key.Length, hash, slot);
        if (_count == _entries.Length)
            Grow();
        return true;
    }

    private ReadOnlySpan<byte> KeyOf(ReadOnlySpan<byte> message, in Entry entry) =>
        entry.Start >= 0 ? message.Slice(entry.Start, entry.Length) : _decoded.AsSpan(~entry.Start, entry.Length);

    private static int HashOf(ReadOnlySpan<byte> key)
    {
        var pairs = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, char>(key);
        var hash = string.GetHashCode(pairs);
        return (key.Length & 1) == 0 ? hash : unchecked((hash + key[^1]) * 0x01000193); // FNV prime: spreads the last odd byte
    }

    private void Grow()
    {
        Array.Resize(ref _entries, 2 * _entries.Length);
        _slots = new int[2 * _entries.Length];
        var mask = _slots.Length - 1;
        for (var index = 0; index < _count; index++) // in order of arrival, so that closing still takes off the last
        {
            ref var entry = ref _entries[index];
            var slot = entry.Hash & mask;
            while (_slots[slot] != 0)
                slot = (slot + 1) & mask;
            _slots[slot] = index + 1;
            entry = entry with { Slot = slot };
        }
    }

    private void Clear()
    {
        if (_entries.Length > SmallCapacity || _decoded.Length > SmallCapacity)
        {
            // One large message must not hold memory for the life of the thread.
            _entries = new Entry[SmallCapacity];
            _slots = new int[2 * SmallCapacity];
            _decoded = [];
        }
        else if (_count > 0)
        {
            Array.Clear(_slots);
        }
        (_count, _depth, _decodedLength) = (0, 0, 0);
    }

    /// <param name="Start">Offset in the message, or the complement of the offset among the decoded keys.</param>
    private readonly record struct Entry(int Start, int Length, int Hash, int Slot);

    private readonly record struct Frame(int FirstEntry, int DecodedLength);
}
