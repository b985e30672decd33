using System.Buffers.Binary;
using System.Text;
using Oktsec.Scanning.Matching;

namespace Oktsec.Scanning.Rules;

/// <summary>Reads what a <see cref="BinaryWriter"/> wrote, where it stands: the program's own file, which needs no copy.</summary>
internal ref struct PackReader(ReadOnlySpan<byte> data)
{
    private readonly int length = data.Length;
    private ReadOnlySpan<byte> rest = data;

    public byte Byte() => Take(1)[0];

    public bool Flag() => Byte() != 0;

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    public double Double() => BinaryPrimitives.ReadDoubleLittleEndian(Take(8));

    /// <summary>Seven bits to a byte, the lowest first.</summary>
    public int Count()
    {
        var value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = Byte();
            value |= (next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
    }

    public string Text()
    {
        var length = Count();
        return length == 0 ? "" : Encoding.UTF8.GetString(Take(length));
    }

    public string[] Texts()
    {
        var count = Count();
        var texts = count == 0 ? [] : new string[count];
        for (var i = 0; i < count; i++)
            texts[i] = Text();
        return texts;
    }

    /// <summary>A table, where it stands: what is read must stay there (<see cref="Matching.Table{T}"/>).</summary>
    public unsafe Table<T> Table<T>() where T : unmanaged
    {
        var count = Int32();
        Take(-(length - rest.Length) & (PackWriter.Alignment - 1));
        fixed (byte* place = Take(count * sizeof(T)))
            return new Table<T>(place, count);
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        var taken = rest[..count];
        rest = rest[count..];
        return taken;
    }
}
