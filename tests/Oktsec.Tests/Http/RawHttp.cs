using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Oktsec.Tests.Http;

/// <summary>One HTTP/1.1 connection on which a test says every byte itself.</summary>
internal sealed class RawHttp : IDisposable
{
    private readonly TcpClient _client;
    private readonly NetworkStream _stream;
    private readonly CancellationTokenSource _patience = new(TimeSpan.FromSeconds(60)); // a hang must end as a failure
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;
    private bool _chunked;
    private long _left; // of the body, or of the chunk

    private RawHttp(TcpClient client)
    {
        _client = client;
        _stream = client.GetStream();
    }

    /// <param name="receiveBuffer">A small one makes the other side wait soon when nobody reads.</param>
    public static async Task<RawHttp> ConnectAsync(int port, int? receiveBuffer = null)
    {
        var client = new TcpClient { NoDelay = true };
        if (receiveBuffer is { } bytes)
            client.ReceiveBufferSize = bytes;
        await client.ConnectAsync(IPAddress.Loopback, port);
        return new RawHttp(client);
    }

    /// <summary>Sends one request on a connection of its own and reads the whole answer.</summary>
    public static async Task<RawResponse> ExchangeAsync(int port, byte[] request)
    {
        using var connection = await ConnectAsync(port);
        await connection.SendAsync(request);
        return await connection.ReceiveAsync();
    }

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await _stream.WriteAsync(bytes, _patience.Token);
        }
        catch (IOException)
        {
            // The server may answer and close before it has read everything; the answer is what counts.
        }
    }

    public async Task<RawResponse> ReceiveAsync()
    {
        var head = await ReceiveHeadAsync();
        var body = new MemoryStream();
        while (await NextAsync() is { Length: > 0 } part)
            body.Write(part.Span);
        return head with { Body = Encoding.UTF8.GetString(body.ToArray()) };
    }

    /// <summary>Reads as far as the end of the headers; the body follows through <see cref="NextEventAsync"/>.</summary>
    public async Task<RawResponse> ReceiveHeadAsync()
    {
        var status = await LineAsync();
        Assert.StartsWith("HTTP/1.1 ", status, StringComparison.Ordinal);
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (await LineAsync() is { Length: > 0 } line)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            headers.Add(line[..colon], line[(colon + 1)..].Trim());
        }
        _chunked = headers.GetValueOrDefault("Transfer-Encoding") == "chunked";
        _left = headers.TryGetValue("Content-Length", out var length) ? long.Parse(length, CultureInfo.InvariantCulture) : 0;
        return new RawResponse(int.Parse(status.AsSpan(9, 3), CultureInfo.InvariantCulture), headers, "");
    }

    /// <summary>The data of the next event of a stream, or null when the stream is over. Comments are passed over.</summary>
    public async Task<string?> NextEventAsync()
    {
        var data = new StringBuilder();
        while (await BodyLineAsync() is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
                data.Append(data.Length > 0 ? "\n" : "").Append(line.AsSpan(6));
            else if (line.Length == 0 && data.Length > 0)
                return data.ToString();
        }
        return null;
    }

    /// <summary>The lines of the next event of a stream, comments left out.</summary>
    public async Task<string[]> NextLinesAsync()
    {
        var lines = new List<string>();
        while (await BodyLineAsync() is { } line)
        {
            if (line.Length > 0 && line[0] != ':')
                lines.Add(line);
            else if (line.Length == 0 && lines.Count > 0)
                break;
        }
        return [.. lines];
    }

    public void Dispose()
    {
        _client.Dispose();
        _patience.Dispose();
    }

    private async Task<string?> BodyLineAsync()
    {
        var line = new List<byte>();
        while (await NextAsync(1) is { Length: > 0 } one)
        {
            if (one.Span[0] == '\n')
                return Encoding.UTF8.GetString([.. line]);
            line.Add(one.Span[0]);
        }
        return null;
    }

    /// <summary>The next bytes of the body, empty at its end.</summary>
    private async Task<ReadOnlyMemory<byte>> NextAsync(int atMost = int.MaxValue)
    {
        if (_left == 0 && _chunked)
        {
            var size = await LineAsync();
            if (size.Length == 0) // the line end after the chunk before
                size = await LineAsync();
            _left = long.Parse(size, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            _chunked = _left > 0;
        }
        if (_left == 0 || (_start == _end && !await FillAsync()))
            return default;
        var part = _buffer.AsMemory(_start, (int)Math.Min(Math.Min(_end - _start, atMost), _left));
        _start += part.Length;
        _left -= part.Length;
        return part;
    }

    private async Task<string> LineAsync()
    {
        var line = new StringBuilder();
        while (_start < _end || await FillAsync())
        {
            var letter = (char)_buffer[_start++];
            if (letter == '\n')
                return line.ToString().TrimEnd('\r');
            line.Append(letter);
        }
        throw new IOException($"the connection ended after \"{line}\"");
    }

    private async Task<bool> FillAsync()
    {
        (_start, _end) = (0, await _stream.ReadAsync(_buffer, _patience.Token));
        return _end > 0;
    }
}

/// <summary>An answer. A header that came twice fails the test that reads it.</summary>
internal sealed record RawResponse(int Status, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public string Header(string name) => Headers.GetValueOrDefault(name, "");
}
