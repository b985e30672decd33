using System.Text;
using System.Threading.Channels;

namespace Oktsec.Tests.Support;

/// <summary>Output that a test awaits line by line.</summary>
internal sealed class LineWriter : TextWriter
{
    private readonly Channel<string> lines = Channel.CreateUnbounded<string>();
    private readonly StringBuilder current = new();

    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value)
    {
        if (value != '\n')
        {
            current.Append(value);
            return;
        }
        lines.Writer.TryWrite(current.ToString());
        current.Clear();
    }

    public Task<string> NextLineAsync() => lines.Reader.ReadAsync().AsTask();
}
