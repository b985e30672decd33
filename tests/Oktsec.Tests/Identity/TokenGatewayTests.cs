using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Oktsec.Core.Audit;
using Oktsec.Core.Identity;
using Oktsec.Identity;
using Oktsec.Storage.Sqlite;
using Oktsec.Tests.Gateway;
using Oktsec.Tests.Support;

namespace Oktsec.Tests.Identity;

/// <summary>Bearer tokens at the gateway. Each denial asserts the reply, the record, and that the backend saw nothing.</summary>
public sealed class TokenGatewayTests
{
    private const string Init = """{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""";

    private static string Yaml => "mcp_servers:\n" + TestGateway.Backend("one") + "\nagents:\n  bob: {}\n  eve: {}\n";

    private static string Open => "mcp_servers:\n" + TestGateway.Backend("one");

    [Fact]
    public async Task Token_Valid_GivesThePrincipalAndHowWeKnow()
    {
        await using var gateway = await TestGateway.StartAsync(Yaml);
        using var agent = gateway.Agent(null);
        agent.Headers["Authorization"] = "bearer " + await IssueAsync(gateway, "bob"); // the scheme in any case: RFC 9110, 11.1
        await agent.InitializeAsync();
        Assert.False((await agent.CallAsync("echo", """{"message":"hi"}""")).IsToolError);
        Assert.Single(gateway.CallsReceived("one"));
        Assert.All(gateway.Records().Where(r => r.Entry.Door == "gateway"), r => Assert.Equal(("bob", "token"), (r.Entry.Agent, r.Entry.IdentifiedBy)));
    }

    [Theory]
    [InlineData("Bearer okt_gw_0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("Bearer ghp_somebodyelses")]
    [InlineData("Bearer ")]
    [InlineData("Basic Ym9iOmJvYg==")]
    [InlineData("")]
    public async Task Authorization_ThatIsNoTokenOfOurs_IsDeniedAndTheHeaderDoesNotHelp(string authorization)
    {
        await using var gateway = await TestGateway.StartAsync(Yaml);
        using var agent = gateway.Agent("bob");
        agent.Headers["Authorization"] = authorization;
        await AssertRefusedAsync(gateway, agent, "invalid_token");
    }

    [Fact]
    public async Task Token_WithOneDigitWrong_IsDenied()
    {
        await using var gateway = await TestGateway.StartAsync(Yaml);
        var secret = await IssueAsync(gateway, "bob");
        using var agent = gateway.Agent(null);
        agent.Headers["Authorization"] = "Bearer " + secret[..^1] + (secret[^1] == '0' ? '1' : '0');
        await AssertRefusedAsync(gateway, agent, "invalid_token");
        AssertNowhere(gateway, secret[20..60]);
    }

    [Fact]
    public async Task Token_GivenTwice_IsDenied()
    {
        await using var gateway = await TestGateway.StartAsync(Yaml);
        var secret = await IssueAsync(gateway, "bob");
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, gateway.Url) { Content = new StringContent(Init, null, "application/json") };
        request.Headers.TryAddWithoutValidation("Accept", "application/json, text/event-stream");
        request.Headers.TryAddWithoutValidation("Authorization", [$"Bearer {secret}", $"Bearer {secret}"]);
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Empty(gateway.Received("one"));
    }

    // Another process writes the store: the running gateway follows at once, without a restart.
    [Fact]
    public async Task Token_RevokedElsewhere_IsDeniedWithTheNextRequestAndItsNameIsNotFree()
    {
        await using var gateway = await TestGateway.StartAsync(Yaml);
        await using var other = OtherProcess(gateway);
        var (token, secret) = await TokenDesk.IssueAsync(other, "bob", null, TimeProvider.System);
        using var agent = gateway.Agent(null);
        agent.Headers["Authorization"] = "Bearer " + secret;
        await agent.InitializeAsync();
        Assert.False((await agent.CallAsync("echo", """{"message":"before"}""")).IsToolError);

        Assert.True(await other.RevokeTokenAsync(token.Id, TestContext.Current.CancellationToken));

        var denied = await agent.CallAsync("echo", """{"message":"after"}""");
        Assert.Equal(HttpStatusCode.Unauthorized, denied.Status);
        Assert.Null(denied.Final["id"]);
        Assert.Contains("blocked by oktsec: unauthenticated", denied.Error!["message"]!.GetValue<string>());
        Assert.DoesNotContain(gateway.CallsReceived("one"), l => l.Contains("after"));
        Assert.Equal(("unauthenticated", AuditStatus.Rejected, "none"), Shown(gateway.Records("tools/call")[0]));
        using var sayer = gateway.Agent("bob");
        Assert.Equal(HttpStatusCode.Unauthorized, (await sayer.SendAsync(Init)).Status);

        Assert.True(await other.ForgetTokenAsync(token.Id, TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.OK, (await sayer.SendAsync(Init)).Status);
    }

    [Fact]
    public async Task Token_RevokedWhileItsStreamIsOpen_EndsTheStreamAndTheSession()
    {
        var time = new ManualTime();
        await using var gateway = await TestGateway.StartAsync(Yaml, time: time);
        var (token, secret) = await TokenDesk.IssueAsync(gateway.Host.Parts.Store, "bob", null, time);
        using var agent = gateway.Agent(null);
        agent.Headers["Authorization"] = "Bearer " + secret;
        await agent.InitializeAsync();
        await using var messages = agent.ListenAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        var next = messages.MoveNextAsync().AsTask();
        await TestGateway.UntilAsync(() => gateway.Host.Parts.Sessions.All.Single().IsBusy);

        await gateway.Host.Parts.Store.RevokeTokenAsync(token.Id, TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromSeconds(1));

        Assert.False(await next.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
        await TestGateway.UntilAsync(() => gateway.Host.Parts.Sessions.Count == 0);
    }

    [Fact]
    public async Task Token_Expired_IsDeniedAndSaysSo()
    {
        var time = new ManualTime();
        await using var gateway = await TestGateway.StartAsync(Yaml, time: time);
        var (_, secret) = await TokenDesk.IssueAsync(gateway.Host.Parts.Store, "bob", time.GetUtcNow().AddDays(90), time);
        using var agent = gateway.Agent("bob");
        agent.Headers["Authorization"] = "Bearer " + secret;
        Assert.Equal(HttpStatusCode.OK, (await agent.SendAsync(Init)).Status);
        time.Advance(TimeSpan.FromDays(90));
        agent.Session = null;
        var answer = await agent.SendAsync(Init);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
        Assert.Contains("the token has expired", answer.Body);
        agent.Headers.Clear(); // an end that makes the name free for all would be worse than none
        Assert.Equal(HttpStatusCode.Unauthorized, (await agent.SendAsync(Init)).Status);
    }

    [Fact]
    public async Task Token_AndAnotherName_IsDenied()
    {
        await using var gateway = await TestGateway.StartAsync(Yaml);
        using var agent = gateway.Agent("eve");
        agent.Headers["Authorization"] = "Bearer " + await IssueAsync(gateway, "bob");
        var answer = await agent.SendAsync(Init);
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal(("message_malformed", "bob"), (gateway.Records("initialize")[0].Entry.Decision, gateway.Records("initialize")[0].Entry.Agent));
        Assert.Empty(gateway.Received("one"));
    }

    [Fact]
    public async Task Session_OpenedByAToken_IsContinuedByNothingElse()
    {
        await using var gateway = await TestGateway.StartAsync(Yaml);
        using var owner = gateway.Agent(null);
        owner.Headers["Authorization"] = "Bearer " + await IssueAsync(gateway, "bob");
        await owner.InitializeAsync();
        using var thief = gateway.Agent(null);
        thief.Session = owner.Session;
        thief.Headers["Authorization"] = "Bearer " + await IssueAsync(gateway, "bob"); // the same agent, another token
        Assert.Equal(HttpStatusCode.Forbidden, (await thief.CallAsync("echo", """{"message":"stolen"}""")).Status);
        thief.Headers["Authorization"] = "Bearer " + await IssueAsync(gateway, "eve");
        Assert.Equal(HttpStatusCode.Forbidden, (await thief.CallAsync("echo", """{"message":"stolen"}""")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, await thief.DeleteAsync());
        Assert.Empty(gateway.CallsReceived("one"));
    }

    [Fact]
    public async Task Observing_TokenThatDoesNotCount_IsDeniedAllTheSame()
    {
        await using var gateway = await TestGateway.StartAsync(Yaml, observe: true);
        using var agent = gateway.Agent("bob");
        agent.Headers["Authorization"] = "Bearer " + TokenSecret.New();
        await AssertRefusedAsync(gateway, agent, "invalid_token");
        Assert.Equal(HttpStatusCode.Unauthorized, await agent.DeleteAsync());
    }

    [Theory]
    [InlineData("require_auth: true", "bob", "header")]
    [InlineData("require_auth: true", null, "none")]
    [InlineData("auth_methods: [bearer_token], require_auth: true", "bob", "none")]
    public async Task RequireAuth_NameAlone_IsAskedForAToken(string key, string? name, string identifiedBy)
    {
        await using var gateway = await TestGateway.StartAsync($"gateway: {{ {key} }}\n" + Yaml);
        using var agent = gateway.Agent(name);
        await AssertRefusedAsync(gateway, agent, null, identifiedBy);
    }

    [Fact]
    public async Task AuthMethods_WithoutHeader_TheNameCountsForNothing()
    {
        await using var gateway = await TestGateway.StartAsync("gateway: { auth_methods: [bearer_token] }\n" + Yaml);
        using var agent = gateway.Agent("bob");
        Assert.Equal(HttpStatusCode.Forbidden, (await agent.SendAsync(Init)).Status);
        Assert.Equal(("agent_unknown", "anonymous"), (gateway.Records("initialize")[0].Entry.Decision, gateway.Records("initialize")[0].Entry.Agent));
    }

    [Fact]
    public async Task AuthMethods_WithoutTokens_AGoodTokenIsDenied()
    {
        await using var gateway = await TestGateway.StartAsync("gateway: { auth_methods: [header] }\n" + Yaml);
        using var agent = gateway.Agent("bob");
        agent.Headers["Authorization"] = "Bearer " + await IssueAsync(gateway, "bob");
        await AssertRefusedAsync(gateway, agent, "invalid_token");
    }

    [Fact]
    public async Task RequireAuthFalse_NameWithAToken_MayStillBeSaid()
    {
        await using var gateway = await TestGateway.StartAsync("gateway: { require_auth: false }\n" + Yaml);
        await IssueAsync(gateway, "bob");
        using var agent = gateway.Agent("bob");
        Assert.Equal(HttpStatusCode.OK, (await agent.SendAsync(Init)).Status);
    }

    // Without agents: everybody is served, but not who comes from elsewhere once there are tokens.
    [Fact]
    public async Task FromElsewhere_WithoutAToken_IsDeniedOnceThereAreTokens()
    {
        await using var gateway = await TestGateway.StartAsync(Open);
        await IssueAsync(gateway, "bob");
        using var agent = gateway.Agent("eve");
        agent.Headers["X-Forwarded-For"] = "192.0.2.7";
        await AssertRefusedAsync(gateway, agent, null);
    }

    [Fact]
    public async Task Tokens_ThatCannotBeRead_DenyEverybodyWithAName()
    {
        await using var gateway = await TestGateway.StartAsync(Yaml + "\naudit: { mode: best_effort }\n");
        var secret = await IssueAsync(gateway, "bob");
        using (var database = Database.Open(gateway.Folder["store/oktsec.db"], fullDurability: false))
            database.Execute("DROP TABLE token_changes");
        using var agent = gateway.Agent("eve");
        Assert.Equal(HttpStatusCode.Unauthorized, (await agent.SendAsync(Init)).Status);
        agent.Headers["Authorization"] = "Bearer " + secret;
        Assert.Equal(HttpStatusCode.Unauthorized, (await agent.SendAsync(Init)).Status);
        Assert.Equal("unauthenticated", gateway.Records("initialize")[0].Entry.Decision);
        Assert.Empty(gateway.Received("one"));
    }

    [Fact]
    public async Task Token_OfTheConfiguration_CountsUntilItIsRevokedThere()
    {
        var secret = TokenSecret.New();
        string With(string more) => Yaml + $$"""

            identity:
              principals:
                - { id: bob, tokens: [{ id: bobs, type: gateway_bearer, hash: "{{TokenHash.Of(secret)}}"{{more}} }] }
            """;
        await using var gateway = await TestGateway.StartAsync(With(""));
        using var agent = gateway.Agent(null);
        agent.Headers["Authorization"] = "Bearer " + secret;
        await agent.InitializeAsync();
        Assert.False((await agent.CallAsync("echo", """{"message":"hi"}""")).IsToolError);
        Assert.Equal(("bob", "token"), (gateway.Records("tools/call")[0].Entry.Agent, gateway.Records("tools/call")[0].Entry.IdentifiedBy));
        await gateway.ReloadAsync(With(", revoked_at: \"2026-11-01T00:00:00Z\""));
        Assert.Equal(HttpStatusCode.Unauthorized, (await agent.CallAsync("echo", """{"message":"late"}""")).Status);
        Assert.DoesNotContain(gateway.CallsReceived("one"), l => l.Contains("late"));
    }

    private static async Task<string> IssueAsync(TestGateway gateway, string agent) =>
        (await TokenDesk.IssueAsync(gateway.Host.Parts.Store, agent, null, TimeProvider.System)).Secret;

    private static SqliteStore OtherProcess(TestGateway gateway) =>
        SqliteStore.Open(gateway.Folder["store/oktsec.db"], fullDurability: false, TimeProvider.System, NullLogger.Instance);

    private static (string, AuditStatus, string) Shown(AuditRow row) => (row.Entry.Decision, row.Entry.Status, row.Entry.IdentifiedBy);

    private static async Task AssertRefusedAsync(TestGateway gateway, TestAgent agent, string? error, string identifiedBy = "none")
    {
        using var response = await agent.PostAsync(Init);
        var body = await response.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Contains("blocked by oktsec: unauthenticated", body);
        Assert.DoesNotContain("\"id\"", body);
        var challenge = Assert.Single(response.Headers.WwwAuthenticate);
        Assert.Equal("Bearer", challenge.Scheme);
        Assert.Equal(error is not null, challenge.Parameter!.Contains($"error=\"{error ?? "invalid_token"}\""));
        Assert.Equal(("unauthenticated", AuditStatus.Rejected, identifiedBy), Shown(gateway.Records("initialize")[0]));
        Assert.Empty(gateway.Received("one"));
    }

    private static void AssertNowhere(TestGateway gateway, string secret) =>
        Assert.All(Directory.GetFiles(gateway.Folder["store"]), f => Assert.Equal(-1, File.ReadAllBytes(f).AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(secret))));
}
