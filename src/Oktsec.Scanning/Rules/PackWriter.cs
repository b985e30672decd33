using System.Runtime.InteropServices;
using System.Text;
using Oktsec.Scanning.Matching;

namespace Oktsec.Scanning.Rules;

/// <summary>Writes what <see cref="PackReader"/> reads.</summary>
internal sealed class PackWriter : IDisposable
{
    /// <summary>Bytes; counted from the beginning of the pack, and a resource begins so itself.</summary>
    public const int Alignment = 8;

    private readonly BinaryWriter writer;
    private readonly MemoryStream target = new();

    public PackWriter() => writer = new BinaryWriter(target, Encoding.UTF8, leaveOpen: true);

    public int Length => (int)target.Length;

    public ReadOnlySpan<byte> Written => target.GetBuffer().AsSpan(0, Length);

    public void Byte(byte value) => writer.Write(value);

    public void Flag(bool value) => writer.Write(value);

    public void Int32(int value) => writer.Write(value);

    public void UInt32(uint value) => writer.Write(value);

    public void UInt64(ulong value) => writer.Write(value);

    public void Double(double value) => writer.Write(value);

    public void Count(int value) => writer.Write7BitEncodedInt(value);

    public void Text(string value) => writer.Write(value);

    public void Texts(IReadOnlyList<string> values)
    {
        Count(values.Count);
        foreach (var value in values)
            Text(value);
    }

    public void Table<T>(Table<T> table) where T : unmanaged
    {
        Int32(table.Length);
        while (Length % Alignment != 0)
            Byte(0);
        writer.Write(MemoryMarshal.AsBytes(table.Span));
    }

    public void Dispose() => writer.Dispose();
}
