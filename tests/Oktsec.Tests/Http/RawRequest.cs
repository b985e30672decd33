using System.Globalization;
using System.Text;

namespace Oktsec.Tests.Http;

/// <summary>A request as it goes over the wire: headers in order, twice or not at all when a test says so.</summary>
internal sealed record RawRequest(string Method, string Path, IReadOnlyList<(string Name, string Value)> Headers, byte[] Body)
{
    /// <summary>Sent in chunks of this many bytes instead of with a Content-Length; 0 for none.</summary>
    public int ChunkSize { get; init; }

    public RawRequest With(string name, string value) => Without(name).Adding(name, value);

    public RawRequest Without(string name) =>
        this with { Headers = [.. Headers.Where(header => !header.Name.Equals(name, StringComparison.OrdinalIgnoreCase))] };

    /// <summary>A header that may be there already.</summary>
    public RawRequest Adding(string name, string value) => this with { Headers = [.. Headers, (name, value)] };

    public RawRequest WithBody(string body) => WithBody(Encoding.UTF8.GetBytes(body));

    public RawRequest WithBody(byte[] body) => this with { Body = body };

    public byte[] ToBytes()
    {
        var head = new StringBuilder();
        head.Append(CultureInfo.InvariantCulture, $"{Method} {Path} HTTP/1.1\r\n");
        foreach (var (name, value) in Headers)
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        if (ChunkSize > 0)
            head.Append("Transfer-Encoding: chunked\r\n");
        else if (Method == "POST" && !Headers.Any(header => header.Name == "Content-Length"))
            head.Append(CultureInfo.InvariantCulture, $"Content-Length: {Body.Length}\r\n");
        head.Append("Connection: close\r\n\r\n");
        return [.. Encoding.Latin1.GetBytes(head.ToString()), .. ChunkSize > 0 ? Chunks() : Body];
    }

    private byte[] Chunks()
    {
        var output = new MemoryStream();
        foreach (var chunk in Body.Chunk(ChunkSize))
        {
            output.Write(Encoding.ASCII.GetBytes(chunk.Length.ToString("x", CultureInfo.InvariantCulture) + "\r\n"));
            output.Write(chunk);
            output.Write("\r\n"u8);
        }
        output.Write("0\r\n\r\n"u8);
        return output.ToArray();
    }
}
