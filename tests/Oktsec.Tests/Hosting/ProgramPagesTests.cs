using System.Runtime.InteropServices;
using Oktsec.Hosting;

namespace Oktsec.Tests.Hosting;

public sealed class ProgramPagesTests : IDisposable
{
    private const int PageBytes = 4096;
    private const int Pages = 64;
    private const int Read = 1; // PROT_READ
    private const int Write = 2; // PROT_WRITE
    private const int Private = 2; // MAP_PRIVATE

    private readonly string _file = Path.GetTempFileName();

    public ProgramPagesTests() => File.WriteAllBytes(_file, [.. Enumerable.Repeat((byte)'f', Pages * PageBytes)]);

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void Release_PagesThatWereOnlyRead_AreGivenBackAndReadAgain()
    {
        var map = Map();
        Assert.Equal(Pages * (long)'f', Sum(map));
        Assert.Equal(0, Protect(map, Pages * PageBytes, Read));
        Assert.Equal(Pages * PageBytes / 1024, ResidentKb(map));
        ProgramPages.Release();
        Assert.Equal(0, ResidentKb(map));
        Assert.Equal(Pages * (long)'f', Sum(map));
        Assert.Equal(0, Unmap(map, Pages * PageBytes));
    }

    /// <summary>A page that was changed would come back as the file has it.</summary>
    [Fact]
    public void Release_PagesOfWhichOneWasChanged_Stay()
    {
        var map = Map();
        Marshal.WriteByte(map, PageBytes, (byte)'x');
        Assert.Equal(0, Protect(map, Pages * PageBytes, Read));
        ProgramPages.Release();
        Assert.Equal((byte)'x', Marshal.ReadByte(map, PageBytes));
        Assert.Equal(0, Unmap(map, Pages * PageBytes));
    }

    [Fact]
    public void Release_PagesThatMayBeWritten_Stay()
    {
        var map = Map();
        Assert.Equal(Pages * (long)'f', Sum(map));
        ProgramPages.Release();
        Assert.Equal(Pages * PageBytes / 1024, ResidentKb(map));
        Assert.Equal(0, Unmap(map, Pages * PageBytes));
    }

    private nint Map()
    {
        using var file = File.OpenHandle(_file);
        var map = Map(0, Pages * PageBytes, Read | Write, Private, (int)file.DangerousGetHandle(), 0);
        Assert.NotEqual(-1, map);
        return map;
    }

    private static long Sum(nint map)
    {
        var sum = 0L;
        for (var page = 0; page < Pages; page++)
            sum += Marshal.ReadByte(map, page * PageBytes);
        return sum;
    }

    private static int ResidentKb(nint map)
    {
        var lines = File.ReadAllLines("/proc/self/smaps");
        var at = Array.FindIndex(lines, line => line.StartsWith($"{map:x}-", StringComparison.Ordinal));
        Assert.True(at >= 0, "the mapping is not there");
        var resident = lines.Skip(at).First(line => line.StartsWith("Rss:", StringComparison.Ordinal));
        return int.Parse(resident.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    [DllImport("libc", EntryPoint = "mmap")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint Map(nint start, nint length, int protection, int flags, int file, nint offset);

    [DllImport("libc", EntryPoint = "mprotect")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Protect(nint start, nint length, int protection);

    [DllImport("libc", EntryPoint = "munmap")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Unmap(nint start, nint length);
}
