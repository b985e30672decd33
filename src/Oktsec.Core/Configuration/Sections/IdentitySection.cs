using System.Globalization;
using Oktsec.Core.Configuration.Schema;
using Oktsec.Core.Identity;

namespace Oktsec.Core.Configuration.Sections;

/// <summary><c>identity:</c>: tokens that a file brings along. Those made here are in the store.</summary>
internal static class IdentitySection
{
    public static readonly ConfigKey[] Keys =
    [
        new("identity", KeyType.Section, "Who agents are. Tokens made by `oktsec tokens create` are in the store and need nothing here."),
        new("identity.principals", KeyType.Sections, "Agents with tokens of which this file knows the hash."),
        new("identity.principals[].id", KeyType.Text, "The agent's name, as under `agents:`.") { Required = true, Example = "researcher" },
        new("identity.principals[].tokens", KeyType.Sections, "Its tokens."),
        new("identity.principals[].tokens[].id", KeyType.Text, "How the token is called.") { Required = true, Example = "researcher-1" },
        new("identity.principals[].tokens[].hash", KeyType.Text, "`sha256:SALT:DIGEST` in hex, the digest over the salt's bytes and the token.") { Required = true, Example = "\"sha256:00112233445566778899aabbccddeeff:0000000000000000000000000000000000000000000000000000000000000000\"" },
        new("identity.principals[].tokens[].type", KeyType.Choice, "Only `gateway_bearer` tokens are used; the others are for doors that ask for none here.") { Default = "gateway_bearer", Example = "gateway_bearer", Choices = ["gateway_bearer", "proxy_basic", "hook_bearer"] },
        new("identity.principals[].tokens[].created_at", KeyType.Text, "A remark for people.") { Example = "\"2026-11-01T00:00:00Z\"" },
        new("identity.principals[].tokens[].expires_at", KeyType.Text, "From then on it proves nothing. Absent: never.") { Example = "\"2027-11-01T00:00:00Z\"" },
        new("identity.principals[].tokens[].revoked_at", KeyType.Text, "Written: it proves nothing any more.") { Example = "\"2026-11-20T00:00:00Z\"" },
    ];

    public static IReadOnlyList<AgentToken> Read(ConfigSection top, ProblemList problems)
    {
        var tokens = new List<AgentToken>();
        foreach (var principal in top.Section("identity").Items("principals").Select(p => p.Section!))
        {
            foreach (var section in principal.Items("tokens").Select(t => t.Section!))
            {
                if (section.Text("type") == "gateway_bearer" && Token(section, principal.Text("id"), problems) is { } token)
                    tokens.Add(token);
            }
        }
        return tokens;
    }

    private static AgentToken? Token(ConfigSection section, string agent, ProblemList problems)
    {
        if (section.IsMissing("hash") || section.IsWrong("hash"))
            return null; // reported
        if (TokenHash.Parse(section.Text("hash")) is not { } hash)
        {
            problems.Error(section.MarkOf("hash"), section.PathOf("hash"), "is no hash of a token", "write sha256:SALT:DIGEST in hex; never the token itself");
            return null;
        }
        var revoked = section.Has("revoked_at") ? Time(section, "revoked_at", problems) : null;
        return new AgentToken(section.Text("id"), agent, hash, Time(section, "created_at", problems) ?? default, Time(section, "expires_at", problems), revoked);
    }

    private static DateTimeOffset? Time(ConfigSection section, string key, ProblemList problems)
    {
        if (section.Text(key) is not { Length: > 0 } text)
            return null;
        // RFC 3339, what the existing product writes.
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            return time;
        problems.Error(section.MarkOf(key), section.PathOf(key), $"{Shown.Quote(section.Raw(key))} is no time", "write 2027-01-31T00:00:00Z");
        return null;
    }
}
