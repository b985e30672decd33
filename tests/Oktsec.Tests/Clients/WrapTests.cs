using System.Text;
using Oktsec.Clients;
using Oktsec.Clients.Documents;
using Oktsec.Clients.Servers;

namespace Oktsec.Tests.Clients;

/// <summary>Every client's file: wrapped it starts the proxy and the same server, unwrapped it is what it was, byte for byte.</summary>
public sealed class WrapTests
{
    public static TheoryData<int> Fixtures => ClientFixtures.Indexes;

    [Fact]
    public void Fixtures_CoverEveryClient() =>
        Assert.Equal(KnownClients.All.Select(c => c.Id).Where(id => id != "boltai").Order(), ClientFixtures.All.Select(f => f.Client).Distinct().Order());

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void Wrap_EveryEntry_StartsTheProxyBeforeTheSameServer(int fixture)
    {
        using var machine = TestMachine.Prepare(fixture, out var path, out var client);
        var before = machine.Servers(client);
        Assert.Contains(before, s => s.Name == "files");
        machine.Wrap();
        var after = machine.Servers(client);
        Assert.Equal(before.Select(s => s.Name), after.Select(s => s.Name));
        foreach (var (old, wrapped) in before.Zip(after).Where(p => p.First.LeftAlone is null))
        {
            string[] expected = ["/opt/oktsec/oktsec", "proxy", "--agent", old.Name.Replace(' ', '-'), "--config", Path.Join(machine.Machine.Home, ".oktsec", "config.yaml"), "--", .. old.Argv];
            Assert.Equal(expected, wrapped.Argv);
            Assert.Equal(Protection.Observe, wrapped.Protection);
            Assert.Equal(old.IsDisabled, wrapped.IsDisabled);
            Assert.Equal(Without(old), Without(wrapped));
        }
        Assert.DoesNotContain(Directory.EnumerateFiles(Path.GetDirectoryName(path)!), f => f.EndsWith(".oktsec", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void Unwrap_NothingElseChanged_GivesTheOriginalBytes(int fixture)
    {
        using var machine = TestMachine.Prepare(fixture, out var path, out _);
        var original = File.ReadAllBytes(path);
        machine.Wrap();
        Assert.NotEqual(original, File.ReadAllBytes(path));
        machine.Unwrap();
        Assert.Equal(original, File.ReadAllBytes(path));
        Assert.Empty(Directory.Exists(machine["home/.oktsec/backups"]) ? Directory.EnumerateFiles(machine["home/.oktsec/backups"], "*.original", SearchOption.AllDirectories) : []);
        Assert.Empty(machine.Unwrap().Changes);
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void Wrap_Twice_IsWrapOnce_AndEnforceRewraps(int fixture)
    {
        using var machine = TestMachine.Prepare(fixture, out var path, out var client);
        var original = File.ReadAllBytes(path);
        machine.Wrap();
        var once = File.ReadAllBytes(path);
        Assert.Empty(machine.Wrap().Changes);
        Assert.Equal(once, File.ReadAllBytes(path));
        machine.Wrap(enforce: true);
        Assert.All(machine.Servers(client).Where(s => s.LeftAlone is null), s => Assert.True(s.Proxy is { Enforce: true, InspectResponses: true }));
        machine.Wrap();
        Assert.Equal(once, File.ReadAllBytes(path));
        machine.Unwrap();
        Assert.Equal(original, File.ReadAllBytes(path));
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void Unwrap_BackupGone_TheEntryItselfIsEnough(int fixture)
    {
        using var machine = TestMachine.Prepare(fixture, out var path, out _);
        var format = DocumentFormat.Of(path);
        var original = File.ReadAllText(path);
        machine.Wrap(enforce: true);
        Directory.Delete(machine["home/.oktsec"], recursive: true);
        machine.Unwrap();
        var restored = File.ReadAllText(path);
        // A list of arguments that was not there is an empty one now; the rest is what it was.
        Assert.Equal(NoEmptyArgs(Document.Parse(format, original)), NoEmptyArgs(Document.Parse(format, restored)));
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void Unwrap_SomethingElseChanged_RemovesOnlyOurEdits(int fixture)
    {
        using var machine = TestMachine.Prepare(fixture, out var path, out _);
        var format = DocumentFormat.Of(path);
        var original = Document.Parse(format, File.ReadAllText(path));
        machine.Wrap();
        // The client writes something of its own.
        File.WriteAllText(path, Document.Parse(format, File.ReadAllText(path)).Set(["added by the client"], Node.OfText("later")).Text);
        machine.Unwrap();
        Assert.Equal(original.Set(["added by the client"], Node.OfText("later")).Text, File.ReadAllText(path));
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void Wrap_AfterTheUserChangedAWrappedFile_KeepsTheChange(int fixture)
    {
        using var machine = TestMachine.Prepare(fixture, out var path, out _);
        var format = DocumentFormat.Of(path);
        var original = Document.Parse(format, File.ReadAllText(path));
        machine.Wrap();
        File.WriteAllText(path, Document.Parse(format, File.ReadAllText(path)).Set(["added by the user"], Node.OfText("later")).Text);
        machine.Wrap(enforce: true);
        machine.Unwrap();
        Assert.Equal(original.Set(["added by the user"], Node.OfText("later")).Text, File.ReadAllText(path));
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void WindowsLineEndsAndByteOrderMark_Survive(int fixture)
    {
        using var machine = TestMachine.Prepare(fixture, out var path, out var client);
        var text = File.ReadAllText(path).ReplaceLineEndings("\r\n");
        File.WriteAllText(path, text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        var original = File.ReadAllBytes(path);
        machine.Wrap();
        var wrapped = File.ReadAllBytes(path);
        Assert.True(wrapped.AsSpan().StartsWith(Encoding.UTF8.Preamble));
        Assert.DoesNotContain('\n', File.ReadAllText(path).Replace("\r\n", "", StringComparison.Ordinal));
        Assert.Contains(machine.Servers(client), s => s.Protection == Protection.Observe);
        machine.Unwrap();
        Assert.Equal(original, File.ReadAllBytes(path));
    }

    // The entry without what names the program.
    private static string Without(ClientServer server) =>
        new MapNode(0, 0, [.. server.Entry.Members.Where(m => m.Key != server.Shape.Command && m.Key != server.Shape.Args)]).Canonical();

    private static string NoEmptyArgs(Document document) => document.Root.Canonical().Replace("\"args\":[],", "", StringComparison.Ordinal);
}
