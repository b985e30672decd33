using Oktsec.Configuration;
using Oktsec.Core.Configuration;

namespace Oktsec.Tests.Configuration;

public sealed class ConfigFileTests : IDisposable
{
    private const UnixFileMode Open = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Find_AllPresent_TakesTheFirstOfTheCascade()
    {
        var (work, home) = (Directory.CreateDirectory(Path.Join(folder.Path, "work")).FullName, Directory.CreateDirectory(Path.Join(folder.Path, "home/.oktsec")).FullName);
        File.WriteAllText(Path.Join(work, "oktsec.yaml"), "");
        File.WriteAllText(Path.Join(home, "config.yaml"), "");
        home = Path.GetDirectoryName(home)!;

        Assert.Equal(Path.Join(work, "a.yaml"), ConfigFile.Find("a.yaml", "b.yaml", work, home));
        Assert.Equal(Path.Join(work, "b.yaml"), ConfigFile.Find(null, "b.yaml", work, home));
        Assert.Equal(Path.Join(work, "oktsec.yaml"), ConfigFile.Find(null, "", work, home));
        File.Delete(Path.Join(work, "oktsec.yaml"));
        Assert.Equal(Path.Join(home, ".oktsec/config.yaml"), ConfigFile.Find(null, null, work, home));
        File.Delete(Path.Join(home, ".oktsec/config.yaml"));
        Assert.Null(ConfigFile.Find(null, null, work, home));
    }

    [Fact]
    public void Load_NamedFileMissing_IsAnErrorAndNoOtherFileStandsIn()
    {
        var problem = Refused(Path.Join(folder.Path, "none.yaml"));

        Assert.Equal("does not exist", problem.Message);
    }

    [Theory]
    [InlineData(UnixFileMode.GroupWrite)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void Load_OthersMayWrite_IsRefusedWithTheCommandThatHelps(UnixFileMode bit)
    {
        var path = folder.Write("oktsec.yaml", "", Open | bit);

        var problem = Refused(path);

        Assert.Equal(("others may write it", $"chmod go-w {path}"), (problem.Message, problem.Remedy));
        File.SetUnixFileMode(path, Open | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        Assert.NotNull(ConfigFile.Load(path, Names.Environment).Config);
    }

    [Fact]
    public void Load_FolderWritableForAll_IsRefusedUnlessSticky()
    {
        var path = folder.Write("oktsec.yaml", "");
        const UnixFileMode all = (UnixFileMode)0b111_111_111;

        File.SetUnixFileMode(folder.Path, all);
        var problem = Refused(path);
        File.SetUnixFileMode(folder.Path, all | UnixFileMode.StickyBit);

        Assert.Equal($"chmod o-w {folder.Path}", problem.Remedy);
        Assert.NotNull(ConfigFile.Load(path, Names.Environment).Config);
    }

    [Theory]
    [InlineData(1000u, 1000u, true)]
    [InlineData(0u, 1000u, true)]
    [InlineData(1001u, 1000u, false)]
    [InlineData(1000u, 0u, false)]
    public void Check_Owner_MustBeUsOrRoot(uint owner, uint user, bool fine)
    {
        var refused = FilePermissions.Check(new FileFacts(owner, 0x81A4), user, "/f/c.yaml");

        Assert.Equal(fine ? null : ($"belongs to another user (uid {owner})", $"chown {user} /f/c.yaml"), refused);
    }

    [Fact]
    public void Of_OwnFile_KnowsOwnerAndMode()
    {
        var facts = FileOwner.Of(folder.Write("a", ""))!.Value;

        Assert.Equal((FileOwner.CurrentUser(), true, false), (facts.Owner, facts.IsRegular, facts.GroupOrOthersWrite));
        Assert.True(FileOwner.Of(folder.Path)!.Value.IsFolder);
        Assert.Null(FileOwner.Of(Path.Join(folder.Path, "none")));
    }

    [Fact]
    public void Load_Folder_IsRefused() => Assert.Equal("is a folder", Refused(folder.Path).Message);

    [Fact]
    public void Load_NotUtf8_IsRefused()
    {
        var path = folder.Write("oktsec.yaml", "");
        File.WriteAllBytes(path, [(byte)'#', 0xC3, 0x28]);

        Assert.Equal("is not UTF-8 text (byte 1)", Refused(path).Message);
    }

    [Fact]
    public void Load_TooLarge_IsRefused()
    {
        Assert.Equal("is larger than 1048576 bytes", Refused(folder.Write("oktsec.yaml", new string('#', ConfigReader.MaxBytes + 1))).Message);
    }

    [Fact]
    public void Load_ByteOrderMark_IsSkipped()
    {
        var path = folder.Write("oktsec.yaml", "\uFEFFfail_mode: closed\n");

        Assert.NotNull(ConfigFile.Load(path, Names.Environment).Config);
    }

    [Fact]
    public void Load_SecretFile_IsTrimmedAndItsPermissionsCount()
    {
        var key = folder.Write("hook.key", "k1\n");
        var path = folder.Write("oktsec.yaml", "webhooks: [{name: a, url: 'https://hook.example/', secret: '${file:hook.key}'}]");

        Assert.Equal("k1", ConfigFile.Load(path, Names.Environment).Config!.Webhooks[0].Secret);
        File.SetUnixFileMode(key, Open | UnixFileMode.OtherWrite);
        var problem = Refused(path);
        Assert.Equal(("webhooks[0].secret", $"the file {key} others may write it", $"chmod go-w {key}"), (problem.Path, problem.Message, problem.Remedy));
    }

    private static ConfigProblem Refused(string path)
    {
        var result = ConfigFile.Load(path, Names.Environment);
        Assert.Null(result.Config);
        return Assert.Single(result.Problems, p => p.Kind == ProblemKind.Error);
    }
}
