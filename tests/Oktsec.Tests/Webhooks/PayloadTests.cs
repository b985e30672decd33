using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Oktsec.Scanning;
using Oktsec.Webhooks;

namespace Oktsec.Tests.Webhooks;

public sealed class PayloadTests
{
    private static readonly JsonSerializerOptions s_readable = new() { WriteIndented = true };

    public static TheoryData<string> Formats => new(WebhookFormats.All.Select(f => f.Name));

    [Theory]
    [MemberData(nameof(Formats))]
    public void Write_Blocked_IsTheGoldenBody(string format) => AssertGolden($"{format}-blocked.json", Write(format, Events.Blocked()));

    [Theory]
    [MemberData(nameof(Formats))]
    public void Write_Hostile_IsTheGoldenBody(string format) => AssertGolden($"{format}-hostile.json", Write(format, Events.Hostile()));

    [Theory]
    [MemberData(nameof(Formats))]
    public void Write_BackendDown_IsTheGoldenBody(string format) => AssertGolden(
        $"{format}-backend-down.json",
        Write(format, new WebhookEvent { Kind = "backend_down", Time = Events.Blocked().Time, Backend = "postgres", Detail = "exited with code 1", Link = "http://localhost:8080/backends/postgres" }));

    [Theory]
    [InlineData("slack", "PI-001 says `&lt;!channel&gt; @everyone `x` [free](https://evil.example) *b*` {{UNKNOWN}} <!here>", "`{{FROM}}`")]
    [InlineData("discord", @"PI-001 says \<!channel\> \@everyone \`x\` \[free\]\(https://evil.example\) \*b\* {{UNKNOWN}} <!here>", "{{FROM}}")]
    [InlineData("teams", "PI-001 says <!channel> @everyone `x` [free](https://evil.example) *b* {{UNKNOWN}} <!here>", "{{FROM}}")]
    [InlineData("json", "PI-001 says <!channel> @everyone `x` [free](https://evil.example) *b* {{UNKNOWN}} <!here>", "{{FROM}}")]
    public void Write_Template_FillsItWithInertValues(string format, string expected, string from)
    {
        var body = JsonNode.Parse(Write(format, Events.Hostile(), $"{{{{RULE}}}} says {from} {{{{UNKNOWN}}}} <!here>"))!;
        var text = format switch
        {
            "slack" or "json" => body["text"],
            "discord" => body["content"],
            _ => body["attachments"]![0]!["content"]!["body"]![1]!["inlines"]![0]!["text"],
        };
        Assert.Equal(expected, text!.GetValue<string>());
    }

    [Fact]
    public void Fill_EveryVariable_HasItsValue() => Assert.Equal(
        "PI-001|prompt_injection|prompt-injection|Ignore previous instructions|blocked|critical|data-analyst|gateway/read_file|a1b2c3d4e5f60718|2026-11-20T12:00:00.125Z",
        WebhookText.Fill(
            "{{RULE}}|{{RULE_NAME}}|{{CATEGORY}}|{{MATCH}}|{{ACTION}}|{{SEVERITY}}|{{FROM}}|{{TO}}|{{MESSAGE_ID}}|{{TIMESTAMP}}", Events.Blocked(), text => text));

    /// <summary>What the services refuse is a body over their limits, an empty text, or no JSON.</summary>
    [Theory]
    [MemberData(nameof(Formats))]
    public void Write_AnyText_StaysWithinTheServicesLimits(string format)
    {
        var random = new Random(7);
        for (var i = 0; i < 500; i++)
        {
            var e = new WebhookEvent
            {
                Kind = "blocked",
                Time = DateTimeOffset.UnixEpoch,
                Agent = Text(random),
                To = Text(random),
                Tool = Text(random),
                Backend = Text(random),
                Decision = Text(random),
                Detail = Text(random),
                HeldId = Text(random),
                AuditId = Text(random),
                Findings = [.. Enumerable.Range(0, random.Next(30)).Select(n => Events.Finding($"R-{n}", "a_rule", Severity.High) with { Match = Text(random) })],
            };
            using var body = JsonDocument.Parse(Write(format, e, i % 2 == 0 ? "" : "{{FROM}}{{MATCH}}" + Text(random).Replace("{", "")));
            var root = body.RootElement;
            switch (format)
            {
                case "slack":
                    Assert.InRange(root.GetProperty("text").GetString()!.Length, 1, 3000);
                    foreach (var block in root.GetProperty("blocks").EnumerateArray().Where(b => b.TryGetProperty("fields", out _)))
                    {
                        Assert.InRange(block.GetProperty("fields").GetArrayLength(), 1, 10);
                        Assert.All(block.GetProperty("fields").EnumerateArray(), f => Assert.InRange(f.GetProperty("text").GetString()!.Length, 1, 2000));
                    }
                    break;
                case "discord":
                    Assert.InRange(root.GetProperty("content").GetString()!.Length, 1, 2000);
                    var embed = root.GetProperty("embeds")[0];
                    Assert.InRange(embed.GetProperty("fields").GetArrayLength(), 0, 25);
                    Assert.All(embed.GetProperty("fields").EnumerateArray(), f => Assert.InRange(f.GetProperty("value").GetString()!.Length, 3, 1024));
                    Assert.InRange(
                        embed.GetProperty("title").GetString()!.Length
                            + embed.GetProperty("fields").EnumerateArray().Sum(f => f.GetProperty("name").GetString()!.Length + f.GetProperty("value").GetString()!.Length),
                        1, 6000);
                    break;
                case "teams":
                    Assert.InRange(root.GetRawText().Length, 1, 28 * 1024);
                    break;
            }
        }
    }

    [Theory]
    [InlineData("https://hooks.slack.com/services/T0/B0/x", "slack")]
    [InlineData("https://hooks.slack-gov.com/services/T0/B0/x", "slack")]
    [InlineData("https://discord.com/api/webhooks/1/x", "discord")]
    [InlineData("https://ptb.discord.com/api/v10/webhooks/1/x", "discord")]
    [InlineData("https://discordapp.com/api/webhooks/1/x", "discord")]
    [InlineData("https://discord.com/api/webhooks/1/x/slack", "slack")]
    [InlineData("https://contoso.webhook.office.com/webhookb2/x", "teams")]
    [InlineData("https://outlook.office.com/webhook/x", "teams")]
    [InlineData("https://prod-1.westeurope.logic.azure.com:443/workflows/x", "teams")]
    [InlineData("https://alerts.example.com/hooks.slack.com", "json")]
    [InlineData("https://evilhooks.slack.com.example.com/", "json")]
    [InlineData("https://notdiscord.com/api/webhooks/1/x", "json")]
    [InlineData("http://127.0.0.1:9/", "json")]
    public void Choose_Auto_GoesByTheUrl(string url, string expected)
    {
        Assert.Equal(expected, WebhookFormats.Choose("auto", new Uri(url)).Name);
        Assert.Equal("teams", WebhookFormats.Choose("teams", new Uri(url)).Name);
    }

    // Lengths around the limits, and characters that JSON, Slack and Discord make longer.
    private static string Text(Random random)
    {
        const string Alphabet = "ab<>&`*_[](){}@\"\\\n\u0007\u202e\u00e9\ud83e\udd8a\ud800";
        var length = random.Next(4) switch { 0 => 0, 1 => random.Next(20), 2 => random.Next(900), _ => random.Next(5000) };
        return string.Create(length, random, (span, r) =>
        {
            foreach (ref var c in span)
                c = Alphabet[r.Next(Alphabet.Length)];
        });
    }

    private static byte[] Write(string format, WebhookEvent e, string template = "") => WebhookFormats.All.Single(f => f.Name == format).Write(e, template);

    private static void AssertGolden(string name, byte[] body)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "Webhooks", "Golden", name);
        var pretty = JsonNode.Parse(body)!.ToJsonString(s_readable) + "\n";
        Assert.True(File.Exists(path), $"no golden file {name}; the body is\n{pretty}");
        Assert.Equal(File.ReadAllText(path, Encoding.UTF8), pretty);
    }
}
