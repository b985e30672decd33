using Microsoft.Win32.SafeHandles;

namespace Oktsec.StdioProxy;

/// <summary>Our own stdin and stdout, which are the protocol.</summary>
internal static class OwnStreams
{
    /// <summary>Not Console's streams: those take a broken pipe for a success. Never closed: a read may be under way until we end.</summary>
    public static (Stream Input, Stream Output) Open()
    {
        // A worker of the pool may stay in a blocking write. Two more do the rest.
        ThreadPool.SetMinThreads(Math.Max(4, Environment.ProcessorCount), 1);
        return (new OwnInput(Open(0, FileAccess.Read)), new OwnOutput(Open(1, FileAccess.Write)));
    }

    private static Stream Open(int fd, FileAccess access)
    {
        if (!OperatingSystem.IsWindows())
        {
            var stream = new FileStream(new SafeFileHandle(fd, ownsHandle: false), access, bufferSize: 0);
            if (!stream.CanSeek)
                return stream;
            // A file, whose place is shared with whoever started us (`{ oktsec proxy ...; echo; } > log`): FileStream keeps one of its own, and would be
            // written over. A file has no pipe to break.
        }
        return access == FileAccess.Read ? Console.OpenStandardInput() : Console.OpenStandardOutput();
    }
}
