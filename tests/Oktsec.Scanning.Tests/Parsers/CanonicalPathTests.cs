using Oktsec.Scanning.Parsers;

namespace Oktsec.Scanning.Tests.Parsers;

public sealed class CanonicalPathTests
{
    [Theory]
    [InlineData("/etc/shadow", "path:/etc/shadow absolute:yes")]
    [InlineData("/etc//./shadow", "path:/etc/shadow")]
    [InlineData("/var/../etc/shadow", "path:/etc/shadow")]
    [InlineData("../../../../etc/shadow", "path:/etc/shadow climb:4")]
    [InlineData("..\\..\\windows\\win.ini", "path:/windows/win.ini climb:2")]
    [InlineData("....//....//etc/passwd", "path:/etc/passwd trick:dots climb:2")]
    [InlineData("..;/..;/etc/passwd", "path:/etc/passwd trick:semicolon")]
    [InlineData("docs/../../x", "climb:1")]
    [InlineData("file:///etc/passwd", "path:/etc/passwd trick:file-url")]
    [InlineData("/proc/self/root/etc/shadow", "path:/etc/shadow trick:proc-root")]
    [InlineData("/home/ann/.ssh/id_rsa", "path:~/.ssh/id_*")]
    [InlineData("/root/.aws/credentials", "path:~/.aws/credentials")]
    [InlineData("C:\\Users\\ann\\.ssh\\id_rsa", "path:~/.ssh/id_rsa")]
    [InlineData("$HOME/.netrc", "path:~/.netrc")]
    [InlineData("\\\\?\\C:\\x", "trick:device")]
    [InlineData("\\\\evil\\share", "trick:unc")]
    [InlineData("a.txt::$DATA", "file:a.txt trick:stream")]
    [InlineData("/etc/shadow\0.png", "path:/etc/shadow trick:nul")]
    [InlineData("/srv/app/../../../etc/hosts", "path:/etc/hosts up:3 climb:1")]
    [InlineData("a/./././././././././././././b", "path:a/b trick:padding")]
    public void Path_IsCanonical(string path, string predicate) => Assert.True(Recorder.Holds(FactLanguage.Path, path, predicate));

    [Theory]
    [InlineData("../shared/utils.ts", "climb:2")]
    [InlineData("src/etc/shadow.ts", "path:/etc/shadow")]
    [InlineData("a/./././b", "trick:padding")]
    [InlineData("docs/../readme.md", "up:2")]
    [InlineData("/data/etc/shadow", "path:/etc/shadow")]
    public void Path_ThatOnlyLooksSo_IsNot(string path, string predicate) => Assert.False(Recorder.Holds(FactLanguage.Path, path, predicate));

    [Fact]
    public void Path_LongerThanSystemsTake_IsReadAndSaysSo() => Assert.True(Recorder.Holds(FactLanguage.Path, "../../" + new string('a', 5000), "trick:long up:2"));
}
