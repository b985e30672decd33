using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Oktsec.Configuration;

/// <summary>Who owns a file and who may write it, as the kernel says. .NET tells the mode but not the owner.</summary>
[SupportedOSPlatform("linux")]
internal static partial class FileOwner
{
    private const int CurrentFolder = -100;     // AT_FDCWD
    private const int EmptyPath = 0x1000;       // AT_EMPTY_PATH: the descriptor itself
    private const uint TypeModeOwner = 0x1 | 0x2 | 0x8;  // STATX_TYPE | STATX_MODE | STATX_UID

    /// <summary>Null when it cannot be looked at.</summary>
    public static FileFacts? Of(string path) => Read(Statx(CurrentFolder, path, 0, TypeModeOwner, out var stat), stat);

    public static FileFacts? Of(SafeFileHandle file) => Read(StatxOpen(file, "", EmptyPath, TypeModeOwner, out var stat), stat);

    public static uint CurrentUser() => EffectiveUser();

    private static FileFacts? Read(int result, StatBuffer stat) => result == 0 ? new FileFacts(stat.Owner, stat.Mode) : null;

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, out StatBuffer stat);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatxOpen(SafeFileHandle file, string path, int flags, uint mask, out StatBuffer stat);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();

    // statx(2): struct statx is 256 bytes on every architecture; stx_uid at 20, stx_mode at 28.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatBuffer
    {
        [FieldOffset(20)]
        public uint Owner;

        [FieldOffset(28)]
        public ushort Mode;
    }
}

/// <summary>Owner and mode word of a file, the latter with its type.</summary>
internal readonly record struct FileFacts(uint Owner, ushort Mode)
{
    // inode(7): the type is in the upper four bits.
    public bool IsRegular => (Mode & 0xF000) == 0x8000;

    public bool IsFolder => (Mode & 0xF000) == 0x4000;

    public bool GroupOrOthersWrite => (Mode & 0b010_010) != 0;

    /// <summary>Anybody may replace files in this folder, not only their own.</summary>
    public bool AnybodyReplaces => (Mode & 0b010) != 0 && (Mode & 0x200) == 0;
}
