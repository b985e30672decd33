using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Oktsec.Configuration;

/// <summary>Who owns a file, who may write it and when it changed, as the kernel says. .NET does not tell the owner.</summary>
[SupportedOSPlatform("linux")]
internal static partial class FileOwner
{
    private const int CurrentFolder = -100;     // AT_FDCWD
    private const int EmptyPath = 0x1000;       // AT_EMPTY_PATH: the descriptor itself
    private const uint BasicStats = 0x7FF;      // STATX_BASIC_STATS: what stat(2) tells

    /// <summary>Null when it cannot be looked at.</summary>
    public static FileFacts? Of(string path) =>
        Statx(CurrentFolder, path, 0, BasicStats, out var stat) == 0 ? stat.Facts : null;

    public static FileFacts? Of(SafeFileHandle file) =>
        StatxOpen(file, "", EmptyPath, BasicStats, out var stat) == 0 ? stat.Facts : null;

    public static FileStamp? StampOf(string path) =>
        Statx(CurrentFolder, path, 0, BasicStats, out var stat) == 0
            ? new FileStamp(stat.ModifiedSeconds, stat.ModifiedNanoseconds, stat.Length, stat.Node, stat.Facts)
            : null;

    public static uint CurrentUser() => EffectiveUser();

    /// <summary>Gives an open file the owner and the group of another one; false when that is not allowed.</summary>
    public static bool Copy(string from, SafeFileHandle to) =>
        Statx(CurrentFolder, from, 0, BasicStats, out var wanted) == 0 && StatxOpen(to, "", EmptyPath, BasicStats, out var has) == 0
        && ((wanted.Owner == has.Owner && wanted.Group == has.Group) || ChangeOwner(to, wanted.Owner, wanted.Group) == 0);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, out StatBuffer stat);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatxOpen(SafeFileHandle file, string path, int flags, uint mask, out StatBuffer stat);

    [LibraryImport("libc", EntryPoint = "fchown")]
    private static partial int ChangeOwner(SafeFileHandle file, uint owner, uint group);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();

    // statx(2): struct statx is 256 bytes on every architecture, its fields at the same places.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatBuffer
    {
        [FieldOffset(20)]
        public uint Owner;

        [FieldOffset(24)]
        public uint Group;

        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Node;

        [FieldOffset(40)]
        public long Length;

        [FieldOffset(112)]
        public long ModifiedSeconds;

        [FieldOffset(120)]
        public uint ModifiedNanoseconds;

        public readonly FileFacts Facts => new(Owner, Mode);
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
