using System.Buffers;
using System.IO.Pipelines;

namespace Oktsec.Mcp.Http;

/// <summary>Reads a request body to its end, chunked or not, under a cap.</summary>
internal static class RequestBody
{
    /// <summary>The body in a pooled array (the first <c>Length</c> bytes), or null when it is longer than <paramref name="maxBytes"/>.</summary>
    public static async ValueTask<(byte[] Buffer, int Length)?> ReadAsync(PipeReader reader, int maxBytes, CancellationToken cancel)
    {
        while (true)
        {
            var read = await reader.ReadAsync(cancel);
            var buffer = read.Buffer;
            if (buffer.Length > maxBytes)
            {
                reader.AdvanceTo(buffer.End);
                return null;
            }
            if (read.IsCompleted)
            {
                var length = (int)buffer.Length;
                var rented = ArrayPool<byte>.Shared.Rent(Math.Max(1, length));
                buffer.CopyTo(rented);
                reader.AdvanceTo(buffer.End);
                return (rented, length);
            }
            reader.AdvanceTo(buffer.Start, buffer.End);
        }
    }
}
