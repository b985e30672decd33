using Oktsec.Configuration;

namespace Oktsec.Doctor.Checks;

/// <summary>Tokens that end soon or have ended.</summary>
internal sealed class TokensCheck : IHealthCheck
{
    // Two weeks: a holiday.
    private static readonly TimeSpan s_soon = TimeSpan.FromDays(14);

    public string Name => "tokens";

    public ValueTask<IReadOnlyList<HealthLine>> LookAsync(Installation at, CancellationToken cancel)
    {
        if (at.Config is not { } config)
            return new([HealthLine.Warning("unknown without a configuration that can be used", "oktsec verify")]);
        var now = at.Time.GetUtcNow();
        var tokens = KnownTokens.Of(config);
        var lines = new List<HealthLine> { HealthLine.Fine($"{tokens.Count(t => t.IsActiveAt(now))} active") };
        foreach (var token in tokens.Where(t => t.Revoked is null && t.Expires < now + s_soon))
        {
            // An agent with another that lasts needs this one no more.
            if (tokens.Any(t => t.Agent == token.Agent && t.IsActiveAt(now + s_soon)))
                continue;
            var when = token.Expires <= now ? "has expired" : $"expires on {token.Expires:yyyy-MM-dd}";
            lines.Add(HealthLine.Warning($"{token.Id} of {token.Agent} {when}", $"oktsec tokens create {token.Agent}"));
        }
        return new(lines);
    }
}
