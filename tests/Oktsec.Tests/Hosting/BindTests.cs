using System.Net;
using Oktsec.Core.Configuration;
using Oktsec.Hosting;
using Oktsec.Tests.Support;

namespace Oktsec.Tests.Hosting;

/// <summary>Nothing but loopback is listened on while nobody has to prove who they are.</summary>
public sealed class BindTests
{
    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("0")]
    [InlineData("192.0.2.1")]
    [InlineData("2001:db8::1")]
    [InlineData("::ffff:192.0.2.1")]
    [InlineData("gateway.example")]
    [InlineData("")]
    public async Task Start_OnAnotherAddress_IsRefusedWithTheRemedy(string bind)
    {
        using var folder = new TempFolder();
        var config = new OktsecConfig { DbPath = folder["store/oktsec.db"] };
        var refused = await Assert.ThrowsAsync<StartException>(
            () => GatewayHost.StartAsync(config, new GatewayOptions(Port: 0, Bind: bind), TimeProvider.System, CancellationToken.None));
        Assert.StartsWith("gateway.bind: ", refused.Message);
        Assert.Contains("127.0.0.1", refused.Message);
        Assert.False(Directory.Exists(folder["store"])); // refused before anything was set up
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.2")]
    [InlineData("::1")]
    [InlineData("localhost")]
    public void Address_Loopback_IsTaken(string bind) =>
        Assert.True(IPAddress.IsLoopback(Listening.Address(new GatewayConfig { Bind = bind }, NoToken)));

    [Fact]
    public void Address_OfTheNetwork_IsTakenWhenTheOperatorSaysSo() =>
        Assert.Equal(IPAddress.Any, Listening.Address(new GatewayConfig { Bind = "0.0.0.0", AllowUnauthenticated = true }, NoToken));

    [Fact]
    public void Address_OfTheNetwork_IsTakenWithATokenThatCounts()
    {
        Assert.Equal(IPAddress.Any, Listening.Address(new GatewayConfig { Bind = "0.0.0.0" }, () => true));
        Assert.Throws<StartException>(() => Listening.Address(new GatewayConfig { Bind = "0.0.0.0", TakesTokens = false }, () => true));
    }

    private static bool NoToken() => false;
}
