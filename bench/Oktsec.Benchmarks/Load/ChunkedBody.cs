using System.Buffers;
using System.Buffers.Text;

namespace Oktsec.Benchmarks.Load;

/// <summary>Joins the chunks of a chunked HTTP body (RFC 9112, section 7.1) as they arrive.</summary>
internal sealed class ChunkedBody
{
    private readonly ArrayBufferWriter<byte> _body = new(256 * 1024);
    private int _left; // bytes of the current chunk still to come, with its closing CR LF

    public ReadOnlySpan<byte> Body => _body.WrittenSpan;

    public bool IsComplete { get; private set; }

    public void Reset()
    {
        _body.ResetWrittenCount();
        _left = 0;
        IsComplete = false;
    }

    /// <summary>Takes as much of <paramref name="bytes"/> as belongs to this body and returns how much that was.</summary>
    public int Append(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        while (!IsComplete && at < bytes.Length)
        {
            if (_left == 0)
            {
                var line = bytes[at..].IndexOf("\r\n"u8);
                if (line < 0 || !Utf8Parser.TryParse(bytes.Slice(at, line), out int size, out _, 'x'))
                    return at;
                if (size == 0 && bytes.Length < at + line + 4)
                    return at; // the last chunk counts when its empty line is here
                at += line + 2 + (size == 0 ? 2 : 0);
                _left = size == 0 ? 0 : size + 2;
                IsComplete = size == 0;
                continue;
            }
            var take = Math.Min(_left, bytes.Length - at);
            var content = Math.Min(take, Math.Max(0, _left - 2));
            _body.Write(bytes.Slice(at, content));
            _left -= take;
            at += take;
        }
        return at;
    }
}
