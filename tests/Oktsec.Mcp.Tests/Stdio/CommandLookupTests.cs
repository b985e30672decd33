using Oktsec.Mcp.Stdio;

namespace Oktsec.Mcp.Tests.Stdio;

public sealed class CommandLookupTests
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    [Fact]
    public void Resolve_OnPath_TakesTheFirstThatCanRun()
    {
        var first = MakeFile("a/tool", UnixFileMode.UserRead); // cannot run
        var second = MakeFile("b/tool", UnixFileMode.UserRead | UnixFileMode.UserExecute);
        MakeFile("c/tool", UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Directory.CreateDirectory(Path.Combine(_folder, "0", "tool")); // a folder

        var path = string.Join(':', new[] { "0", "a", "b", "c" }.Select(name => Path.Combine(_folder, name)));

        Assert.Equal(second, CommandLookup.Resolve("tool", path, null));
        Assert.NotEqual(first, second);
    }

    [Theory]
    [InlineData(".")]
    [InlineData("")]
    [InlineData("b")]
    [InlineData("./b")]
    public void Resolve_RelativePathEntry_IsNotLookedAt(string entry)
    {
        MakeFile("tool", UnixFileMode.UserRead | UnixFileMode.UserExecute);
        MakeFile("b/tool", UnixFileMode.UserRead | UnixFileMode.UserExecute);

        Assert.Throws<ChildStartException>(() => CommandLookup.Resolve("tool", $"{entry}:{entry}", _folder));
    }

    [Fact]
    public void Resolve_WithSlash_StartsAtTheWorkingDirectory()
    {
        var file = MakeFile("bin/server", UnixFileMode.UserRead | UnixFileMode.UserExecute);

        Assert.Equal(file, CommandLookup.Resolve("./bin/server", "/usr/bin", _folder));
        Assert.Equal(file, CommandLookup.Resolve(file, null, null));
    }

    private string MakeFile(string name, UnixFileMode mode)
    {
        var file = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, "");
        File.SetUnixFileMode(file, mode);
        return file;
    }
}
