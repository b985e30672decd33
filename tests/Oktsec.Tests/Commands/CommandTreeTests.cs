using Oktsec.Commands;

namespace Oktsec.Tests.Commands;

public sealed class CommandTreeTests
{
    [Fact]
    public void EveryCommand_IsBuiltAloneUnderItsOwnName()
    {
        var all = CommandTree.For([]).Subcommands.Select(command => command.Name).ToList();
        Assert.Contains("gateway", all);
        Assert.Equal(all.Distinct(), all);
        foreach (var name in all)
            Assert.Equal([name], CommandTree.For([name, "--help"]).Subcommands.Select(command => command.Name));
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("hok")]
    [InlineData("Hook")]
    public void WhatNamesNoCommand_SeesAll(string first) =>
        Assert.Equal(CommandTree.For([]).Subcommands.Count, CommandTree.For([first]).Subcommands.Count);

    [Fact]
    public void CommandsThatBeginEarly_Exist()
    {
        var all = CommandTree.For([]).Subcommands.Select(command => command.Name).ToList();
        var early = all.Where(name => EarlyStart.Judges([name]));
        Assert.Equal(["demo", "gateway", "hook", "proxy", "run"], early.Order(StringComparer.Ordinal));
        Assert.False(EarlyStart.Judges([]));
    }
}
