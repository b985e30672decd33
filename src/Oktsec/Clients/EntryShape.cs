using Oktsec.Clients.Documents;

namespace Oktsec.Clients;

/// <summary>How a client writes one server. Clients differ in names more than in meaning.</summary>
internal sealed record EntryShape
{
    /// <summary>Nearly everybody: <c>command</c>, <c>args</c>, <c>env</c>; <c>url</c>, <c>headers</c>.</summary>
    public static readonly EntryShape Standard = new();

    /// <summary>Names of the key that says which transport it is, where there is one.</summary>
    public static readonly IReadOnlyList<string> TypeKeys = ["type", "transportType", "transport"];

    // Credentials that the client itself holds or fetches: through us they would not come.
    private static readonly string[] s_signIn =
        ["oauth", "auth", "authProviderType", "authProvider", "headersHelper", "bearer_token_env_var", "env_http_headers", "client_id", "OAUTH", "CLIENT_ID"];

    /// <summary>The program; when <see cref="Args"/> is null it is a list of the program and its arguments.</summary>
    public string Command { get; init; } = "command";

    public string? Args { get; init; } = "args";

    public string Env { get; init; } = "env";

    /// <summary>Names of the address; the first is the one we write.</summary>
    public IReadOnlyList<string> Urls { get; init; } = ["url", "serverUrl", "httpUrl"];

    public string Headers { get; init; } = "headers";

    /// <summary>What <c>type</c> says of a local server; null when the client wants none.</summary>
    public string? LocalType { get; init; }

    /// <summary>What <c>type</c> says of a remote server; null when the client wants none.</summary>
    public string? RemoteType { get; init; }

    /// <summary>What an entry needs beside all that.</summary>
    public IReadOnlyList<(string Key, Node Value)> Extras { get; init; } = [];

    public bool IsExtra(string key, Node value) => Extras.Any(e => e.Key == key && e.Value.Canonical() == value.Canonical());

    public string? UrlKeyOf(MapNode entry) => Urls.FirstOrDefault(key => entry.TextOf(key) is { Length: > 0 });

    public static string? TypeKeyOf(MapNode entry) => TypeKeys.FirstOrDefault(key => entry.TextOf(key) is not null);

    public static bool IsDisabled(MapNode entry) => entry.IsTrue("disabled") || entry.IsFalse("enabled");

    /// <summary>The key that says that the client signs in by itself.</summary>
    public static string? SignInKeyOf(MapNode entry) => s_signIn.FirstOrDefault(key => entry.Find(key) is { Value: not WordNode { Word: "false" or "null" } });
}
