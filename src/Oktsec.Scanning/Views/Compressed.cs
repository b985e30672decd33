using System.IO.Compression;
using Oktsec.Scanning.Fields;

namespace Oktsec.Scanning.Views;

/// <summary>Unpacks gzip (RFC 1952) and zlib (RFC 1950) data, never more than the budget.</summary>
internal static class Compressed
{
    /// <summary>What such data begins with.</summary>
    public static bool MayBegin(byte first) => first is 0x1F or 0x78;

    public static bool IsMarked(ReadOnlySpan<byte> bytes) =>
        bytes.Length > 10 && ((bytes[0] == 0x1F && bytes[1] == 0x8B && bytes[2] == 8) || (bytes[0] == 0x78 && bytes[1] is 0x01 or 0x5E or 0x9C or 0xDA));

    /// <summary>Unpacks into the buffer's next field; the bytes written, -1 when the data is broken at its start.</summary>
    public static int Inflate(byte[] packed, ScanBuffer buffer, ref int budget)
    {
        using var input = new MemoryStream(packed);
        using Stream stream = packed[0] == 0x1F ? new GZipStream(input, CompressionMode.Decompress) : new ZLibStream(input, CompressionMode.Decompress);
        // One byte over the budget shows that there was more.
        var target = buffer.BeginField(budget + 1);
        var written = 0;
        try
        {
            for (int read; written < target.Length && (read = stream.Read(target[written..])) > 0;)
                written += read;
        }
        catch (InvalidDataException)
        {
            // What came out before the damage is what an unpacker shows.
        }
        if (written <= budget)
            return written == 0 ? -1 : written;
        budget = -1;
        return -1;
    }
}
