using System.Buffers;

namespace Oktsec.Mcp.Backends;

/// <summary>A whole body in a pooled array.</summary>
internal readonly record struct CappedBody(ReadOnlyMemory<byte> Memory, byte[] Rented)
{
    private const int FirstSize = 16 * 1024; // most results fit

    /// <summary>Reads a body to its end; null when it is over the cap.</summary>
    public static async Task<CappedBody?> ReadAsync(HttpResponseMessage response, int cap, CancellationToken cancel)
    {
        if (response.Content.Headers.ContentLength > cap)
            return null;
        var stream = await response.Content.ReadAsStreamAsync(cancel);
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(cap + 1L, response.Content.Headers.ContentLength + 1 ?? FirstSize));
        var length = 0;
        while (await stream.ReadAsync(buffer.AsMemory(length), cancel) is var read and > 0)
        {
            length += read;
            if (length > cap)
            {
                ArrayPool<byte>.Shared.Return(buffer);
                return null;
            }
            if (length == buffer.Length)
                Grow(ref buffer);
        }
        return new CappedBody(buffer.AsMemory(0, length), buffer);
    }

    private static void Grow(ref byte[] buffer)
    {
        var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }
}
