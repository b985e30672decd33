using System.Text.Json;

namespace Oktsec.Tests.Http;

/// <summary>Every row of the table against the real executable: the answer, the record, and a backend that saw nothing.</summary>
public sealed class RefusedPostTests(FrontFixture front) : IClassFixture<FrontFixture>
{
    public static TheoryData<string> Names { get; } = [.. WireRows.Headers.Concat(WireRows.Bodies).Select(row => row.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Post_Refused_IsAnsweredRecordedAndNotForwarded(string name)
    {
        var row = WireRows.Named(name);
        var agent = await front.OpenAsync();
        var marker = agent.Marker();

        var reply = await agent.SendAsync(row.Spoil(agent.Post(FrontAgent.Echo(marker)), marker));

        Assert.True(row.Status == reply.Status, $"{reply.Status} {reply.Body}");
        CheckBody(row, reply);
        Assert.DoesNotContain(marker, await agent.ReceivedAsync(), StringComparison.Ordinal);
        var records = await agent.LogsAsync();
        var record = Assert.Single(records, record => record.GetProperty("decision").GetString() != "allow");
        Assert.Equal(row.Decision, record.GetProperty("decision").GetString());
        Assert.Equal("rejected", record.GetProperty("status").GetString());
    }

    private static void CheckBody(WireRow row, RawResponse reply)
    {
        Assert.Equal("application/json", reply.Header("Content-Type"));
        var message = reply.Message();
        Assert.Equal("2.0", message.GetProperty("jsonrpc").GetString());
        Assert.Equal(row.Id, message.TryGetProperty("id", out var id) ? id.GetRawText() : "");
        var error = message.GetProperty("error");
        Assert.Equal(row.Code, error.GetProperty("code").GetInt32());
        Assert.NotEqual("", error.GetProperty("message").GetString());
        Assert.Equal(JsonValueKind.Object, message.ValueKind);
    }
}
