using System.Runtime.InteropServices;

namespace Oktsec.TestServer.Stdio;

internal static partial class Native
{
    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseOne(int fd);

    [LibraryImport("libc", EntryPoint = "kill")]
    public static partial int Kill(int pid, int signal);

    /// <summary>Closes a descriptor and its duplicates: the runtime keeps one of each standard stream.</summary>
    public static void Close(int fd)
    {
        var target = File.ResolveLinkTarget($"/proc/self/fd/{fd}", returnFinalTarget: false)!.Name;
        foreach (var entry in Directory.GetFiles("/proc/self/fd"))
        {
            if (new FileInfo(entry).LinkTarget is { } link && Path.GetFileName(link) == target)
                _ = CloseOne(int.Parse(Path.GetFileName(entry)));
        }
    }
}
