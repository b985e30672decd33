using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;

namespace Oktsec.Mcp.Stdio;

/// <summary>posix_spawn with a new session, default signals, and three descriptors.</summary>
internal static unsafe class PosixSpawn
{
    private const int FirstOther = 3;

    // glibc 2.34, August 2021; not in musl.
    private static readonly bool s_hasCloseFrom =
        NativeLibrary.TryLoad("libc", typeof(PosixSpawn).Assembly, null, out var libc)
        && NativeLibrary.TryGetExport(libc, nameof(Posix.posix_spawn_file_actions_addclosefrom_np), out _);

    private const int NotFound = 2, NotExecutable = 8, NotPermitted = 13, NotADirectory = 20;

    /// <returns>The pid, which is also the id of the new group and session.</returns>
    /// <exception cref="ChildStartException">It could not be started.</exception>
    public static int Start(ChildStart start, int stdin, int stdout, int stderr)
    {
        var actions = stackalloc byte[Posix.SpawnStructSize];
        var attributes = stackalloc byte[Posix.SpawnStructSize];
        var signals = stackalloc byte[Posix.SignalSetSize];
        Check(Posix.posix_spawn_file_actions_init(actions), start);
        Check(Posix.posix_spawnattr_init(attributes), start);
        var arguments = StringVector(start.Arguments);
        var environment = StringVector(start.Environment.Select(entry => $"{entry.Key}={entry.Value}").ToArray());
        try
        {
            Check(Posix.posix_spawn_file_actions_adddup2(actions, stdin, 0), start);
            Check(Posix.posix_spawn_file_actions_adddup2(actions, stdout, 1), start);
            Check(Posix.posix_spawn_file_actions_adddup2(actions, stderr, 2), start);
            CloseOthers(actions, start);
            if (start.Cwd is not null)
                Check(Posix.posix_spawn_file_actions_addchdir_np(actions, start.Cwd), start);

            new Span<byte>(signals, Posix.SignalSetSize).Clear();
            Check(Posix.posix_spawnattr_setsigmask(attributes, signals), start);
            // An ignored signal stays ignored across exec. .NET ignores SIGPIPE and a shell's nohup SIGHUP; the child shall have neither.
            // Bit n-1 is signal n: 1 to 31 without SIGKILL and SIGSTOP, which nobody can change.
            *(uint*)signals = 0x7FFF_FFFF & ~(1u << (9 - 1)) & ~(1u << (19 - 1));
            Check(Posix.posix_spawnattr_setsigdefault(attributes, signals), start);
            Check(Posix.posix_spawnattr_setflags(
                attributes, Posix.SpawnSetSession | Posix.SpawnSetSignalMask | Posix.SpawnSetSignalDefault), start);

            int pid;
            Check(Posix.posix_spawn(&pid, start.Path, actions, attributes, arguments, environment), start);
            return pid;
        }
        finally
        {
            Free(arguments);
            Free(environment);
            _ = Posix.posix_spawnattr_destroy(attributes);
            _ = Posix.posix_spawn_file_actions_destroy(actions);
        }
    }

    // The runtime keeps duplicates of our own stdin and stdout, and its assemblies, open for inheritance. A child of the stdio proxy that held
    // the proxy's stdout could write to the agent past every check.
    private static void CloseOthers(byte* actions, ChildStart start)
    {
        if (s_hasCloseFrom)
        {
            Check(Posix.posix_spawn_file_actions_addclosefrom_np(actions, FirstOther), start);
            return;
        }
        foreach (var entry in Directory.GetFiles("/proc/self/fd"))
        {
            if (int.TryParse(Path.GetFileName(entry), out var fd) && fd >= FirstOther)
                Check(Posix.posix_spawn_file_actions_addclose(actions, fd), start);
        }
    }

    private static void Check(int error, ChildStart start)
    {
        if (error == 0)
            return;
        throw new ChildStartException(error switch
        {
            NotFound when start.Cwd is not null && !Directory.Exists(start.Cwd) => $"its working directory {start.Cwd} does not exist; see cwd",
            NotFound => $"{start.Path} does not exist, or the interpreter that its first line names",
            NotExecutable => $"{start.Path} is no program of this machine and has no #! line",
            NotPermitted => $"{start.Path} or its working directory may not be used by this user",
            NotADirectory => $"its working directory {start.Cwd} is not a directory; see cwd",
            _ => $"{start.Path} could not be started: {new Win32Exception(error).Message}",
        });
    }

    private static byte** StringVector(IReadOnlyList<string> strings)
    {
        var vector = (byte**)NativeMemory.AllocZeroed((nuint)(strings.Count + 1), (nuint)sizeof(byte*));
        for (var i = 0; i < strings.Count; i++)
            vector[i] = (byte*)Marshal.StringToCoTaskMemUTF8(strings[i]);
        return vector;
    }

    private static void Free(byte** vector)
    {
        for (var at = vector; *at is not null; at++)
            Marshal.FreeCoTaskMem((nint)(*at));
        NativeMemory.Free(vector);
    }
}
