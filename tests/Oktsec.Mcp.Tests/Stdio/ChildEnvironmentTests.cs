using System.Collections;
using Oktsec.Mcp.Stdio;

namespace Oktsec.Mcp.Tests.Stdio;

public sealed class ChildEnvironmentTests
{
    [Theory]
    [InlineData("PATH", true)]
    [InlineData("HOME", true)]
    [InlineData("LC_ALL", true)]
    [InlineData("TMPDIR", true)]
    [InlineData("path", false)]
    [InlineData("AWS_SECRET_ACCESS_KEY", false)]
    [InlineData("HTTP_PROXY", false)] // may carry a password
    [InlineData("LD_PRELOAD", false)]
    [InlineData("NODE_OPTIONS", false)]
    [InlineData("SSH_AUTH_SOCK", false)]
    [InlineData("XLC_ALL", false)]
    public void Build_OfOurs_InheritsTheHarmlessOnly(string name, bool inherited)
    {
        var built = ChildEnvironment.Build(new Hashtable { [name] = "value" }, new Dictionary<string, string>());

        Assert.Equal(inherited, built.ContainsKey(name));
    }

    [Fact]
    public void Build_ExportedFunction_IsNotInherited() =>
        Assert.Empty(ChildEnvironment.Build(new Hashtable { ["TERM"] = "() { :; }; echo injected" }, new Dictionary<string, string>()));

    [Fact]
    public void Build_Configured_Wins() =>
        Assert.Equal("theirs", ChildEnvironment.Build(new Hashtable { ["HOME"] = "ours" }, new Dictionary<string, string> { ["HOME"] = "theirs" })["HOME"]);
}
