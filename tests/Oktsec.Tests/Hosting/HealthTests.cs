using System.Net;
using System.Text.Json.Nodes;
using Oktsec.Tests.Gateway;

namespace Oktsec.Tests.Hosting;

/// <summary>Whoever may reach the port learns that the gateway lives, and nothing about who uses it for what.</summary>
public sealed class HealthTests
{
    [Fact]
    public async Task Health_TellsTheStateOfEachBackendAndNothingElse()
    {
        await using var gateway = await TestGateway.StartAsync(
            "mcp_servers:\n" + TestGateway.Backend("one") + TestGateway.Backend("gone", "--fail-start", "3"));
        using var agent = await gateway.ConnectAsync("secret-agent");
        await agent.CallAsync("one_echo", """{"message":"secret text"}""");
        var before = gateway.Records().Count;
        using var http = new HttpClient();
        using var response = await http.GetAsync(new Uri(gateway.Url, "/health"));
        Assert.Equal((HttpStatusCode.OK, "application/json"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        var health = JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject();
        string[] members = ["status", "version", "sessions", "backends", "not_enforced"];
        Assert.All(health, member => Assert.Contains(member.Key, members));
        Assert.Equal(("ok", 1), (health["status"]!.GetValue<string>(), health["sessions"]!.GetValue<int>()));
        Assert.Equal(["one", "gone"], health["backends"]!.AsObject().Select(backend => backend.Key));
        Assert.Equal("up", health["backends"]!["one"]!.GetValue<string>());
        Assert.NotEqual("up", health["backends"]!["gone"]!.GetValue<string>());
        Assert.DoesNotContain("secret", health.ToJsonString());
        Assert.Equal(before, gateway.Records().Count); // no message crossed
    }

    [Fact]
    public async Task Health_UnderAForeignHostName_IsForbidden()
    {
        await using var gateway = await TestGateway.StartAsync("mcp_servers:\n" + TestGateway.Backend("one"));
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(gateway.Url, "/health"));
        request.Headers.Host = "rebound.example";
        using var response = await http.SendAsync(request);
        Assert.Equal((HttpStatusCode.Forbidden, ""), (response.StatusCode, await response.Content.ReadAsStringAsync()));
    }
}
