using Oktsec.Clients.Documents;

namespace Oktsec.Clients.Servers;

internal enum Protection : byte
{
    None,
    Observe,
    Enforce,
    Gateway,
}

/// <summary>One server in a client's file.</summary>
internal sealed record ClientServer
{
    /// <summary>As the client calls it.</summary>
    public required string Name { get; init; }

    /// <summary>Of its entry in the file.</summary>
    public required IReadOnlyList<string> Path { get; init; }

    public required MapNode Entry { get; init; }

    public required EntryShape Shape { get; init; }

    /// <summary>The program and its arguments as written; empty for a remote server.</summary>
    public IReadOnlyList<string> Argv { get; init; } = [];

    /// <summary>The address as written, or null for a local server.</summary>
    public string? Url { get; init; }

    /// <summary>How it is wrapped, or null when it is not.</summary>
    public ProxyArguments? Proxy { get; init; }

    public bool IsGateway { get; init; }

    /// <summary>Why it cannot be wrapped, or null.</summary>
    public string? LeftAlone { get; init; }

    public bool IsDisabled => EntryShape.IsDisabled(Entry);

    public Protection Protection => IsGateway ? Protection.Gateway : Proxy is null ? Protection.None : Proxy.Enforce ? Protection.Enforce : Protection.Observe;

    /// <summary>Behind the wrapping: where the server itself is remote.</summary>
    public bool IsRemote => Proxy?.IsRemote ?? Url is not null;

    /// <summary>How client and server would speak without us.</summary>
    public string Transport => !IsRemote ? "stdio" : EntryShape.TypeKeyOf(Entry) is { } key && Entry.TextOf(key) is "sse" ? "sse" : "http";

    public RiskClass Risk => RiskClasses.Of(
        [Name, .. (Proxy is null ? Argv : Proxy.Command).Take(4), .. (Proxy is null ? Url : Proxy.Url) is { } url && Uri.TryCreate(url, UriKind.Absolute, out var uri) ? [uri.Host] : Array.Empty<string>()], IsRemote);
}
