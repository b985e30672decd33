using Oktsec.Core.Configuration;
using Oktsec.Core.Pipeline;
using Oktsec.Core.Policy;
using Oktsec.Core.Tests.Configuration;

namespace Oktsec.Core.Tests.Policy;

/// <summary>For whom an override counts. What it then does to a finding: RuleOverrideCheckTests.</summary>
public sealed class RuleOverrideTests
{
    private static readonly string[] s_two = ["files", "evil"];

    [Theory]
    [InlineData("files/read", "files", "read", Reach.Yes)]
    [InlineData("files_read", "files", "read", Reach.Yes)]
    [InlineData("files/*", "files", "write", Reach.Yes)]
    [InlineData("*", "evil", "anything", Reach.Yes)]
    [InlineData("files/read", "evil", "read", Reach.No)]
    [InlineData("files/read", "evil", "files/read", Reach.Doubtful)]
    [InlineData("files_read", "evil", "files_read", Reach.Doubtful)]
    [InlineData("read", "files", "read", Reach.Doubtful)]
    [InlineData("read", "evil", "READ", Reach.Doubtful)]
    [InlineData("r*", "evil", "read", Reach.Doubtful)]
    [InlineData("read", "evil", "write", Reach.No)]
    public void Reaches_ApplyToTools_IsSureOnlyWhereTheOperatorNamedTheServer(string entry, string backend, string own, Reach reach)
    {
        Assert.Equal(reach, Rule(applyTo: [entry]).Reaches(Make.Tool(backend, own)));

        // The same for exempt_tools, turned around.
        var exempt = reach switch { Reach.Yes => Reach.No, Reach.No => Reach.Yes, _ => Reach.Doubtful };
        Assert.Equal(exempt, Rule(exempt: [entry]).Reaches(Make.Tool(backend, own)));
    }

    [Fact]
    public void Reaches_OneServer_BareNamesAreSure() =>
        Assert.Equal(Reach.Yes, Rule(applyTo: ["read"], backends: ["files"]).Reaches(Make.Tool("files", "read")));

    [Fact]
    public void Reaches_ApplyToAndExempt_BothCount()
    {
        var rule = Rule(applyTo: ["files/*"], exempt: ["files/read"]);

        Assert.Equal(Reach.No, rule.Reaches(Make.Read));
        Assert.Equal(Reach.Yes, rule.Reaches(Make.Tool("files", "write")));
        Assert.Equal(Reach.No, rule.Reaches(Make.Tool("evil", "write")));
    }

    [Fact]
    public void Reaches_DoubtfullyExempt_IsDoubtful() =>
        Assert.Equal(Reach.Doubtful, Rule(applyTo: ["files/*"], exempt: ["read"]).Reaches(Make.Read));

    [Fact]
    public void Reaches_NoLists_IsEverything()
    {
        Assert.Equal(Reach.Yes, Rule().Reaches(Make.Read));
        Assert.Equal(Reach.Yes, Rule().Reaches(Target.None));
        Assert.Equal(Reach.Yes, Rule().Reaches(Target.Missing(TargetKind.Tool, "x")));
    }

    [Theory]
    [InlineData("*")]
    [InlineData("files/*")]
    public void Reaches_NoToolOfAServer_IsNotInAList(string entry)
    {
        Assert.Equal(Reach.No, Rule(applyTo: [entry]).Reaches(Target.None));
        Assert.Equal(Reach.No, Rule(applyTo: [entry]).Reaches(Target.Missing(TargetKind.Tool, "files/x")));
    }

    [Theory]
    [InlineData(TargetKind.Prompt)]
    [InlineData(TargetKind.Resource)]
    public void Reaches_PromptOrResourceOfThatName_IsDoubtful(TargetKind kind) =>
        Assert.Equal(Reach.Doubtful, Rule(applyTo: ["files/read"]).Reaches(new Target(kind, "read", "files", "read", true)));

    [Theory]
    [InlineData("read", true)]
    [InlineData("*_read", true)]
    [InlineData("files/read", false)]
    [InlineData("files_*", false)]
    [InlineData("*", false)]
    public void Load_EntryThatAnyServerCouldClaim_IsAWarning(string entry, bool warns)
    {
        var yaml = $"mcp_servers: {{files: {{command: a}}, evil: {{command: b}}}}\nrules: [{{id: PI-001, action: ignore, apply_to_tools: [\"{entry}\"]}}]";
        var problems = Sample.Read(yaml).Problems.Select(p => p.ToString());

        Assert.Equal(warns, problems.Any(p => p.EndsWith($"\"{entry}\" may fit tools of any server, so it can make this rule stricter, never weaker; write SERVER/{entry}", StringComparison.Ordinal)));
    }

    private static RuleOverride Rule(string[]? applyTo = null, string[]? exempt = null, string[]? backends = null) =>
        new(new RuleConfig { Id = "PI-001", ApplyToTools = applyTo ?? [], ExemptTools = exempt ?? [] }, backends ?? s_two);
}
