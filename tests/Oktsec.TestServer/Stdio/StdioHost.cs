using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Oktsec.TestServer.Stdio;

/// <summary>One session over stdin and stdout.</summary>
internal static class StdioHost
{
    public static async Task<int> RunAsync(ServerOptions server)
    {
        // Not Console's streams: those are duplicates, and closing 0 or 1 would close nothing.
        var channel = new StdioChannel(Open(1, FileAccess.Write));
        if (server.Arguments.Banner)
            await channel.SendRawAsync(Encoding.UTF8.GetBytes("TestServer 1.0 is starting\n\n[info] [ready] (not JSON)\n"));
        var session = new Session(server, channel);
        var reader = PipeReader.Create(Open(0, FileAccess.Read));
        while (!session.IsDeaf)
        {
            var read = await reader.ReadAsync();
            var buffer = read.Buffer;
            while (buffer.PositionOf((byte)'\n') is { } newline)
            {
                var line = buffer.Slice(0, newline).ToArray();
                buffer = buffer.Slice(buffer.GetPosition(1, newline));
                _ = session.HandleAsync(line, channel);
            }
            reader.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
                break;
        }
        if (server.Arguments.IgnoreEof || session.IsDeaf)
            await Task.Delay(Timeout.Infinite);
        return 0;
    }

    private static FileStream Open(int fd, FileAccess access) => new(new SafeFileHandle(fd, ownsHandle: false), access, bufferSize: 0);
}
