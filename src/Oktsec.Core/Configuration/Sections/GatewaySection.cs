using System.Net;
using Oktsec.Core.Configuration.Schema;

namespace Oktsec.Core.Configuration.Sections;

/// <summary><c>gateway:</c></summary>
internal static class GatewaySection
{
    public static readonly ConfigKey[] Keys =
    [
        new("gateway", KeyType.Section, "Where agents reach the gateway."),
        new("gateway.enabled", KeyType.Flag, "Accepted; `oktsec gateway` starts the gateway in any case.") { Default = "true", Example = "true" },
        new("gateway.port", KeyType.Port, "Port to listen on. A busy port is an error; `auto` takes the first free one from 9090 to 9100.") { Default = "9090", Example = "9090", Min = 1, Max = 65_535 },
        new("gateway.bind", KeyType.Text, "Address to listen on. 127.0.0.1 listens on ::1 too; anything but loopback needs a token (`oktsec tokens create`), or `allow_unauthenticated: true`.") { Default = "127.0.0.1", Example = "127.0.0.1" },
        new("gateway.endpoint_path", KeyType.Text, "Path of the MCP endpoint.") { Default = "/mcp", Example = "/mcp" },
        new("gateway.scan_responses", KeyType.Flag, "Also scan what tools, resources and prompts return.") { Default = "true", Example = "true" },
        new("gateway.allowed_origins", KeyType.Texts, "Browser origins that may call. Only the gateway's own address is allowed by itself, no other loopback one.") { Example = "[\"http://localhost:3000\"]" },
        new("gateway.allowed_hosts", KeyType.Texts, "`Host` header values beyond localhost, 127.0.0.1, [::1] and the bind address.") { Example = "[gateway.example.com]" },
        new("gateway.trusted_proxies", KeyType.Texts, "Addresses or CIDR ranges whose `Forwarded` and `X-Forwarded-*` headers count.") { Example = "[10.0.0.0/8]" },
        new("gateway.allow_unauthenticated", KeyType.Flag, "Lets the gateway listen on other addresses than loopback without a token, and serves who proves nothing from there.") { Default = "false", Example = "false" },
        new("gateway.require_auth", KeyType.Choice, "Who has to prove who they are by a token. `auto`: who is not on this machine, and who says a name that has a token. `true`: everybody. `false`: only who is not on this machine.") { Default = "auto", Example = "true", Choices = ["auto", "true", "false"] },
        new("gateway.auth_methods", KeyType.Texts, "How agents may say who they are: `bearer_token`, `header` (`X-Oktsec-Agent`, from this machine). Absent or `[]`: both.") { Example = "[bearer_token]" },
    ];

    // Served beside the endpoint.
    private static readonly string[] s_ownPaths = ["/", "/health", "/ready", "/metrics"];

    public static GatewayConfig Read(ConfigSection section, ProblemList problems)
    {
        var gateway = new GatewayConfig
        {
            Port = section.Number("port"),
            PortAuto = section.Text("port") == "auto",
            Bind = section.Text("bind") == "localhost" ? "127.0.0.1" : section.Text("bind"),
            EndpointPath = section.Text("endpoint_path"),
            ScanResponses = section.Flag("scan_responses"),
            AllowedOrigins = section.Texts("allowed_origins"),
            AllowedHosts = section.Texts("allowed_hosts"),
            TrustedProxies = section.Texts("trusted_proxies"),
            AllowUnauthenticated = section.Flag("allow_unauthenticated"),
            RequireAuth = section.Text("require_auth") switch { "true" => true, "false" => false, _ => null },
        };
        gateway = WithMethods(section, gateway, problems);
        CheckBind(section, gateway, problems);
        CheckPath(section, gateway, problems);
        foreach (var origin in section.Items("allowed_origins"))
        {
            if (!IsOrigin(origin.Text))
                problems.Error(origin.Mark, origin.Path.ToString(), $"{Shown.Quote(origin.Raw)} is no origin", "write scheme, host and port as the browser sends them: http://localhost:3000");
        }
        foreach (var host in section.Items("allowed_hosts"))
        {
            if (!IsHost(host.Text))
                problems.Error(host.Mark, host.Path.ToString(), $"{Shown.Quote(host.Raw)} is no host", "write a name or address, with :port when it is not the gateway's");
        }
        foreach (var proxy in section.Items("trusted_proxies"))
        {
            if (!IPAddress.TryParse(proxy.Text, out _) && !IPNetwork.TryParse(proxy.Text, out _))
                problems.Error(proxy.Mark, proxy.Path.ToString(), $"{Shown.Quote(proxy.Raw)} is neither an address nor a CIDR range", "write 10.1.2.3 or 10.0.0.0/8");
        }
        if (!section.Flag("enabled"))
            problems.Warning(section.MarkOf("enabled"), section.PathOf("enabled"), "has no effect", "start the gateway only where you want it");
        if (!gateway.ScanResponses)
            problems.Warning(section.MarkOf("scan_responses"), section.PathOf("scan_responses"), "poisoned results reach the agents", "write true");
        return gateway;
    }

    private static void CheckBind(ConfigSection section, GatewayConfig gateway, ProblemList problems)
    {
        var (mark, path) = (section.MarkOf("bind"), section.PathOf("bind"));
        if (!IPAddress.TryParse(gateway.Bind, out var address))
            problems.Error(mark, path, $"{Shown.Quote(section.Raw("bind"))} is no address", "write 127.0.0.1, or 0.0.0.0 for all of this machine");
        else if (IPAddress.IsLoopback(address))
            return;
        else if (gateway.AllowUnauthenticated)
            problems.Warning(mark, path, "whoever reaches this address is served without proving who it is", "write 127.0.0.1, or allow_unauthenticated: false and give agents tokens (oktsec tokens create)");
        // Without allow_unauthenticated the gateway starts with tokens only; whether there are any, the store knows.
    }

    private static GatewayConfig WithMethods(ConfigSection section, GatewayConfig gateway, ProblemList problems)
    {
        var methods = section.Items("auth_methods");
        if (methods.Count == 0)
            return gateway;
        foreach (var method in methods.Where(m => !IsToken(m.Text) && m.Text != "header"))
            problems.Warning(method.Mark, method.Path.ToString(), $"{Shown.Quote(method.Raw)} is no method here, so nobody is identified by it", "write bearer_token or header");
        return gateway with { TakesTokens = methods.Any(m => IsToken(m.Text)), TakesHeader = methods.Any(m => m.Text == "header") };
    }

    private static bool IsToken(string method) => method is "bearer_token" or "bearer" or "token";

    private static void CheckPath(ConfigSection section, GatewayConfig gateway, ProblemList problems)
    {
        var path = gateway.EndpointPath;
        if (!path.StartsWith('/') || !path.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '-' or '_' or '.' or '~') || path.Contains("//", StringComparison.Ordinal))
            problems.Error(section.MarkOf("endpoint_path"), section.PathOf("endpoint_path"), $"{Shown.Quote(section.Raw("endpoint_path"))} is no path", "write /mcp");
        else if (s_ownPaths.Contains(path.TrimEnd('/'), StringComparer.OrdinalIgnoreCase) || path == "/")
            problems.Error(section.MarkOf("endpoint_path"), section.PathOf("endpoint_path"), $"{path} is taken by the gateway itself", "write /mcp");
    }

    // RFC 6454, section 7: scheme, host, port, nothing after it. "null" is what a sandboxed page sends, so it names nobody.
    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme.Length > 0 && uri.Host.Length > 0
        && text.Equals($"{uri.Scheme}://{uri.Authority}", StringComparison.OrdinalIgnoreCase);

    private static bool IsHost(string text) =>
        text.Length > 0 && text.AsSpan().IndexOfAny("/?#@*, \t") < 0 && Uri.TryCreate($"http://{text}/", UriKind.Absolute, out _);
}
