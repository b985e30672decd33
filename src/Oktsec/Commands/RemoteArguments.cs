using Oktsec.Configuration;
using Oktsec.Core.Configuration;
using Oktsec.Core.Configuration.Schema;
using Oktsec.Core.Configuration.Sections;
using Oktsec.Mcp.Backends;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Commands;

/// <summary><c>--url</c> and <c>--header</c>, read as strictly as the configuration reads them.</summary>
internal static class RemoteArguments
{
    /// <returns>Null when something is wrong with them, which was said.</returns>
    public static BackendOptions? Read(string agent, string url, IReadOnlyList<string> headers, LimitsConfig limits, TextWriter error)
    {
        var problems = new ProblemList("");
        var interpolation = new Interpolation(
            MachineEnvironment.With(KnownRules.Of), new ConfigPaths(Environment.CurrentDirectory, MachineEnvironment.HomeFolder), problems);
        var address = Address(interpolation.Fill(url, default, Path("--url")), problems);
        var options = new BackendOptions
        {
            Name = agent,
            Transport = BackendTransport.HttpAuto,
            Url = address,
            Headers = Headers(headers, interpolation, problems),
            Limits = new EnvelopeLimits(limits.MaxResultBytes, limits.MaxDepth),
        };
        if (address is { Scheme: "http", IsLoopback: false } && options.Headers.Count > 0)
            error.WriteLine("oktsec: WARNING: the headers go to an http:// address in clear; use https://");
        foreach (var problem in problems.InOrder())
            error.WriteLine($"oktsec: {problem.Path}: {problem.Message}{(problem.Remedy.Length > 0 ? "; " : "")}{problem.Remedy}");
        return problems.ErrorCount == 0 ? options : null;
    }

    /// <summary><c>--url-env</c> as <c>--url</c>.</summary>
    public static string? UrlIn(string? variable) => string.IsNullOrEmpty(variable) ? null : "${" + variable + "}";

    /// <summary><c>--header-env NAME=VARIABLE</c> as <c>--header</c>. Not written so in a client's file, since clients fill in <c>${...}</c> themselves.</summary>
    public static string HeaderIn(string argument) =>
        argument.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals ? $"{argument[..equals]}: ${{{argument[(equals + 1)..]}}}" : argument;

    // Never a file or another scheme, and no credentials: HTTP clients differ in what they make of those in an address.
    private static Uri? Address(string text, ProblemList problems)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || address.Host.Length == 0)
            problems.Error(default, "--url", "is no http:// or https:// address");
        else if (address.UserInfo.Length > 0)
            problems.Error(default, "--url", "holds credentials", "give them with --header 'Authorization: Basic ${CREDENTIALS}'");
        else
            return address;
        return null;
    }

    private static Dictionary<string, string> Headers(IReadOnlyList<string> headers, Interpolation interpolation, ProblemList problems)
    {
        var read = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var header in headers)
        {
            var colon = header.IndexOf(':', StringComparison.Ordinal);
            // What is before the first colon is no secret, unless there is none.
            if (colon <= 0)
            {
                problems.Error(default, "--header", "has no colon", "write 'NAME: VALUE'");
                continue;
            }
            var name = header[..colon].Trim();
            var path = Path("--header").Then(name);
            var value = new ConfigValue { Mark = default, Path = path, Name = name, Text = interpolation.Fill(header[(colon + 1)..].Trim(), default, path) };
            HeaderRules.Check(value, problems);
            if (!read.TryAdd(name, value.Text))
                problems.Error(default, path.ToString(), "is given twice");
        }
        return read;
    }

    private static KeyPath Path(string name) => KeyPath.Root.Then(name);
}
