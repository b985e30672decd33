using Oktsec.Mcp.Backends;

namespace Oktsec.Mcp.Tests.Backends;

/// <summary>Which era a server is found to speak, and what is remembered (MCP 2026-07-28, Transports, "Backward Compatibility").</summary>
public sealed class EraTests
{
    [Theory]
    [InlineData(Flavour.Stdio, "2025-11-25")]
    [InlineData(Flavour.Events, "2025-11-25")]
    [InlineData(Flavour.Stateless, "2025-11-25")]
    [InlineData(Flavour.Auto, "2025-11-25")]
    [InlineData(Flavour.Modern, "2026-07-28")]
    [InlineData(Flavour.ModernEvents, "2026-07-28")]
    [InlineData(Flavour.ModernJson, "2026-07-28")]
    public async Task Connect_Server_IsAskedWhatItSpeaks(Flavour flavour, string version)
    {
        await using var test = await TestBackend.ConnectAsync(flavour);

        Assert.Equal(version, test.Backend.Handshake!.ProtocolVersion);
        Assert.Equal("hi", await test.TextAsync("echo", """{"message":"hi"}"""));
    }

    [Theory]
    [InlineData(Flavour.Stdio)]
    [InlineData(Flavour.Events)]
    public async Task Connect_ServerOfBothEras_IsSpokenToInTheLater(Flavour flavour)
    {
        await using var test = await TestBackend.ConnectAsync(flavour, ["--both"]);

        Assert.Equal("2026-07-28", test.Backend.Handshake!.ProtocolVersion);
        Assert.Equal("hi", await test.TextAsync("echo", """{"message":"hi"}"""));
    }

    [Theory]
    [InlineData(Flavour.Stdio, "2026-07-28,2025-11-25", "2025-11-25")]
    [InlineData(Flavour.Stdio, "2026-07-28", "2025-11-25")] // it says less than it speaks, as the official server does: over stdio it is asked
    [InlineData(Flavour.Events, "2026-07-28,2025-11-25", "2025-11-25")]
    [InlineData(Flavour.Events, "2026-07-28", "2026-07-28")]
    public async Task PrefersSession_ServerOfBothEras_IsSpokenToInOne(Flavour flavour, string versions, string forSessions)
    {
        foreach (var (prefers, spoken) in new[] { (true, forSessions), (false, "2026-07-28") })
        {
            await using var test = await TestBackend.ConnectAsync(flavour, ["--both", "--versions", versions], o => o with { PrefersSession = prefers });
            Assert.Equal(spoken, test.Backend.Handshake!.ProtocolVersion);
            Assert.Equal("hi", await test.TextAsync("echo", """{"message":"hi"}"""));
        }
    }

    [Theory]
    [InlineData(Flavour.Stdio, "2025-11-25")]
    [InlineData(Flavour.Modern, "2026-07-28")]
    public async Task PrefersSession_Child_IsAskedForOneFirstAndWhatItSaidIsRemembered(Flavour flavour, string version)
    {
        using var received = new TemporaryFile();
        var era = new EraMemory();
        await using (var first = await TestBackend.ConnectAsync(flavour, ["--received", received.Path], o => o with { PrefersSession = true, Era = era }))
            Assert.Equal(version, first.Backend.Handshake!.ProtocolVersion);
        Assert.Contains("\"method\":\"initialize\"", received.Lines()[0]);
        var before = received.Lines().Length;

        await using var again = await TestBackend.ConnectAsync(flavour, ["--received", received.Path], o => o with { PrefersSession = true, Era = era });

        Assert.Equal(version, again.Backend.Handshake!.ProtocolVersion);
        Assert.Contains(version == "2026-07-28" ? "\"method\":\"server/discover\"" : "\"method\":\"initialize\"", received.Lines()[before]);
    }

    [Theory]
    [InlineData(Flavour.Stdio, Flavour.Modern)]
    [InlineData(Flavour.Modern, Flavour.Stdio)]
    public async Task PrefersSession_ChildThatChangesItsEra_IsFoundOutAnew(Flavour before, Flavour after)
    {
        var era = new EraMemory();
        await using (await TestBackend.ConnectAsync(before, [], o => o with { PrefersSession = true, Era = era }))
        {
        }
        await using var test = await TestBackend.ConnectAsync(after, [], o => o with { PrefersSession = true, Era = era });

        Assert.Equal(after.IsModern() ? "2026-07-28" : "2025-11-25", test.Backend.Handshake!.ProtocolVersion);
        Assert.Equal("hi", await test.TextAsync("echo", """{"message":"hi"}"""));
    }

    [Theory]
    [InlineData(Flavour.Stdio, 10)] // one that npx still fetches is silent for seconds, and would be opened for another era than the agent's
    [InlineData(Flavour.Events, 0)] // its silence has a status
    public async Task Connect_ServerSilentToWhatItDoesNotKnow_IsInitializedAfterAWhile(Flavour flavour, double least)
    {
        using var received = new TemporaryFile();
        var time = new ManualTime();
        await using var test = await TestBackend.CreateAsync(flavour, ["--silent", "--received", received.Path], time: time);
        var connecting = test.ConnectAsync();
        await Eventually.TrueAsync(() => File.Exists(received.Path) && received.Lines().Length > 0);
        var waited = TimeSpan.Zero;
        await Eventually.TrueAsync(() =>
        {
            var step = TimeSpan.FromMilliseconds(received.Lines().Length == 1 ? 10 : 0); // until it is asked the other way; the patience may begin a moment later
            time.Advance(step);
            waited += step;
            return connecting.IsCompleted;
        });
        Assert.InRange(waited.TotalSeconds, least, 29); // start_timeout is 30 s
        await connecting;

        Assert.Equal("2025-11-25", test.Backend.Handshake!.ProtocolVersion);
        Assert.Equal("hi", await test.TextAsync("echo", """{"message":"hi"}"""));
    }

    /// <summary>One of the later era alone that leaves initialize without an answer is up after a moment, and at once the next time.</summary>
    [Fact]
    public async Task PrefersSession_ChildThatIgnoresInitialize_IsAskedTheOtherWayAndRemembered()
    {
        using var received = new TemporaryFile();
        var time = new ManualTime();
        var era = new EraMemory();
        await using (var test = await TestBackend.CreateAsync(Flavour.Modern, ["--silent", "--received", received.Path], o => o with { PrefersSession = true, Era = era }, time))
        {
            var connecting = test.ConnectAsync();
            await Eventually.TrueAsync(() => File.Exists(received.Path) && received.Lines().Length > 0);
            var waited = TimeSpan.Zero;
            await Eventually.TrueAsync(() =>
            {
                var step = TimeSpan.FromMilliseconds(received.Lines().Length == 1 ? 10 : 0); // until it is asked the other way
                time.Advance(step);
                waited += step;
                return connecting.IsCompleted;
            });
            await connecting;
            Assert.InRange(waited.TotalSeconds, 3, 9); // some clients give a server 10 s
            Assert.Equal("2026-07-28", test.Backend.Handshake!.ProtocolVersion);
            Assert.Equal("hi", await test.TextAsync("echo", """{"message":"hi"}"""));
            Assert.DoesNotContain(received.Lines(), l => l.Contains("notifications/initialized", StringComparison.Ordinal));
        }
        var before = received.Lines().Length;
        await using var again = await TestBackend.ConnectAsync(Flavour.Modern, ["--silent", "--received", received.Path], o => o with { PrefersSession = true, Era = era });
        Assert.Contains("server/discover", received.Lines()[before]);
    }

    [Fact]
    public async Task Connect_ServerThatEndsOnTheQuestion_IsStartedAgainAndInitialized()
    {
        var options = default(BackendOptions);
        await using var test = await TestBackend.ConnectAsync(Flavour.Stdio, ["--only-initialize"], o => options = o);

        Assert.Equal("2025-11-25", test.Backend.Handshake!.ProtocolVersion);
        Assert.Equal(Era.Legacy, options!.Era.Era);
        Assert.Equal("hi", await test.TextAsync("echo", """{"message":"hi"}"""));
    }

    [Theory]
    [InlineData("2025-11-25,2025-06-18", "2025-11-25")] // none of ours without sessions, but some with
    [InlineData("2027-01-01,2026-07-28", "2026-07-28")]
    public async Task Connect_VersionsInCommon_OneOfThemIsSpoken(string versions, string spoken)
    {
        foreach (var flavour in (Flavour[])[Flavour.Stdio, Flavour.Events])
        {
            await using var test = await TestBackend.ConnectAsync(flavour, ["--both", "--versions", versions]);

            Assert.Equal(spoken, test.Backend.Handshake!.ProtocolVersion);
        }
    }

    [Theory]
    [InlineData(Flavour.Modern)]
    [InlineData(Flavour.ModernJson)]
    public async Task Connect_NoVersionInCommon_FailsAndNamesThem(Flavour flavour)
    {
        await using var test = await TestBackend.CreateAsync(flavour, ["--versions", "2027-01-01,2028-01-01"]);

        var failure = await Assert.ThrowsAsync<BackendUnavailableException>(test.ConnectAsync);

        Assert.Equal("it speaks none of our protocol versions, only 2027-01-01, 2028-01-01", failure.Reason);
    }

    [Theory]
    [InlineData(Flavour.Stdio, "2025-06-18")]
    [InlineData(Flavour.Events, "2024-11-05")]
    public async Task Protocol_EarlierRevision_IsAskedForWithoutAQuestionFirst(Flavour flavour, string protocol)
    {
        using var folder = new TemporaryFile();
        await using var test = await TestBackend.ConnectAsync(flavour, ["--both", "--received", folder.Path], o => o with { Protocol = protocol });

        Assert.Equal(protocol, test.Backend.Handshake!.ProtocolVersion);
        Assert.Contains($"\"method\":\"initialize\",\"params\":{{\"protocolVersion\":\"{protocol}\"", folder.Lines()[0]);
    }

    [Theory]
    [InlineData(Flavour.Stdio)]
    [InlineData(Flavour.Events)]
    public async Task Protocol_Modern_IsNotFallenBackFrom(Flavour flavour)
    {
        await using var test = await TestBackend.CreateAsync(flavour, [], o => o with { Protocol = "2026-07-28" });

        var failure = await Assert.ThrowsAsync<BackendUnavailableException>(test.ConnectAsync);

        Assert.Contains(flavour == Flavour.Stdio ? "does not speak 2026-07-28; see protocol" : "400", failure.Reason);
    }

    [Theory]
    [InlineData(Flavour.Stdio, "initialize")]
    [InlineData(Flavour.Modern, "server/discover")]
    [InlineData(Flavour.Events, "initialize")]
    public async Task Era_Known_IsNotAskedForAgain(Flavour flavour, string first)
    {
        using var received = new TemporaryFile();
        var era = new EraMemory();
        await using (await TestBackend.ConnectAsync(flavour, [], o => o with { Era = era }))
        {
        }
        await using var again = await TestBackend.ConnectAsync(flavour, ["--received", received.Path], o => o with { Era = era });

        Assert.Contains($"\"method\":\"{first}\"", received.Lines()[0]);
    }

    [Theory]
    [InlineData(Flavour.Stdio, Flavour.Modern)]
    [InlineData(Flavour.Modern, Flavour.Stdio)]
    [InlineData(Flavour.Events, Flavour.ModernEvents)]
    [InlineData(Flavour.ModernEvents, Flavour.Events)]
    [InlineData(Flavour.Auto, Flavour.ModernJson)]
    public async Task Era_NoLongerTrue_IsFoundOutAnew(Flavour before, Flavour after)
    {
        var era = new EraMemory();
        await using (await TestBackend.ConnectAsync(before, [], o => o with { Era = era }))
        {
        }
        await using var test = await TestBackend.ConnectAsync(after, [], o => o with { Era = era });

        Assert.Equal(after.IsModern() ? "2026-07-28" : "2025-11-25", test.Backend.Handshake!.ProtocolVersion);
        Assert.Equal(after.IsModern() ? Era.Modern : Era.Legacy, era.Era);
        Assert.Equal("hi", await test.TextAsync("echo", """{"message":"hi"}"""));
    }
}
