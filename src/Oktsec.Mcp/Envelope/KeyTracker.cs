using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Oktsec.Mcp.Envelope;

/// <summary>Finds a key that an object has twice, for all open objects of one message at once, in linear time.</summary>
/// <remarks>
/// The keys of the open objects lie on one stack. A small object compares a new key with each of its own; one with more keys puts them
/// into an open-addressing table that all objects share. An object that closes takes its keys off the top, and since nothing later is
/// left, clearing their slots breaks no probe sequence. The hash is the runtime's own for strings (Marvin, seeded at random for each
/// process), so an attacker cannot choose keys that collide. Not thread safe: one per thread.
/// </remarks>
internal sealed class KeyTracker
{
    private const int FewKeys = 8; // comparing with up to 8 costs less than hashing; most objects of tool lists and rows are smaller

    // 256 keys open at once: above every message of the common servers, tools/list included. 8 KiB for a thread.
    private const int SmallCapacity = 256;
    private const int NoSlot = -1;

    [ThreadStatic]
    private static KeyTracker? _ofThread;

    private Entry[] _entries = new Entry[SmallCapacity];
    private int[] _slots = new int[2 * SmallCapacity]; // index of the entry + 1; at most half full
    private Frame[] _frames = new Frame[64];
    private byte[] _decoded = [];
    private int _count;
    private int _first; // of the innermost object's entries
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
        _frames[_depth++] = new Frame(_first, _decodedLength);
        _first = _count;
    }

    public void CloseObject()
    {
        if (_count - _first > FewKeys)
        {
            for (var index = _count - 1; index >= _first; index--)
                _slots[_entries[index].Slot] = 0;
        }
        _count = _first;
        (_first, _decodedLength) = _frames[--_depth];
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
        if (_count == _entries.Length)
            Grow();
        var own = _count - _first;
        if (own > FewKeys)
            return AddToTable(message, key, start);

        var beginning = Beginning(key);
        foreach (ref readonly var entry in _entries.AsSpan(_first, own))
        {
            if (entry.Beginning == beginning && entry.Length == key.Length && (key.Length <= sizeof(ulong) || KeyOf(message, in entry).SequenceEqual(key)))
                return false;
        }
        _entries[_count++] = new Entry { Start = start, Length = key.Length, Beginning = beginning, Slot = NoSlot };
        if (own == FewKeys)
            MoveToTable(message);
        return true;
    }

    /// <summary>The first eight bytes, zeros after a shorter key.</summary>
    private static ulong Beginning(ReadOnlySpan<byte> key)
    {
        if (key.Length >= sizeof(ulong))
            return BinaryPrimitives.ReadUInt64LittleEndian(key);
        var beginning = 0UL;
        for (var at = key.Length - 1; at >= 0; at--)
            beginning = (beginning << 8) | key[at];
        return beginning;
    }

    private bool AddToTable(ReadOnlySpan<byte> message, ReadOnlySpan<byte> key, int start)
    {
        var hash = HashOf(key);
        var mask = _slots.Length - 1;
        var slot = hash & mask;
        for (; _slots[slot] != 0; slot = (slot + 1) & mask)
        {
            ref readonly var entry = ref _entries[_slots[slot] - 1];
            if (entry.Hash == hash && KeyOf(message, in entry).SequenceEqual(key))
                return false;
        }
        _slots[slot] = _count + 1;
        _entries[_count++] = new Entry { Start = start, Length = key.Length, Hash = hash, Slot = slot };
        return true;
    }

    private void MoveToTable(ReadOnlySpan<byte> message)
    {
        for (var index = _first; index < _count; index++)
        {
            ref var entry = ref _entries[index];
            entry.Hash = HashOf(KeyOf(message, in entry));
            Place(ref entry, index);
        }
    }

    private void Place(ref Entry entry, int index)
    {
        var mask = _slots.Length - 1;
        var slot = entry.Hash & mask;
        while (_slots[slot] != 0)
            slot = (slot + 1) & mask;
        _slots[slot] = index + 1;
        entry.Slot = slot;
    }

    private ReadOnlySpan<byte> KeyOf(ReadOnlySpan<byte> message, in Entry entry) =>
        entry.Start >= 0 ? message.Slice(entry.Start, entry.Length) : _decoded.AsSpan(~entry.Start, entry.Length);

    private int HashOf(ReadOnlySpan<byte> key)
    {
        var hash = string.GetHashCode(MemoryMarshal.Cast<byte, char>(key));
        if ((key.Length & 1) != 0)
            hash = unchecked((hash + key[^1]) * 0x01000193); // FNV prime: spreads the last odd byte
        // The depth tells the same key of nested objects apart: an odd factor never makes two depths equal.
        return unchecked(hash + (_depth * (int)0x9E3779B9)); // 2^32 / golden ratio
    }

    private void Grow()
    {
        Array.Resize(ref _entries, 2 * _entries.Length);
        _slots = new int[2 * _entries.Length];
        for (var index = 0; index < _count; index++) // in order of arrival, so that closing still takes off the last
        {
            if (_entries[index].Slot != NoSlot)
                Place(ref _entries[index], index);
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
        (_count, _first, _depth, _decodedLength) = (0, 0, 0, 0);
    }

    private struct Entry
    {
        public int Start; // offset in the message, or the complement of the offset among the decoded keys
        public int Length;
        public ulong Beginning;
        public int Hash;
        public int Slot;
    }

    private readonly record struct Frame(int First, int DecodedLength);
}
