using Oktsec.Scanning.Rules;

namespace Oktsec.Scanning;

/// <summary>What the caller knows about the content, from the tool and the operator, never from the content itself.</summary>
public sealed record ScanHints
{
    public static ScanHints None { get; } = new();

    /// <summary>The backend's own name of the tool, or empty.</summary>
    public string Tool { get; init; } = "";

    /// <summary>The tool's inputSchema (raw JSON), from which fields get roles (path, url, command, sql, code, prose); empty when unknown.</summary>
    public ReadOnlyMemory<byte> InputSchema { get; init; }

    /// <summary>Known names of other tools, for confusable and cross-server checks of definitions.</summary>
    public IReadOnlyCollection<string> OtherTools { get; init; } = [];
}

/// <summary>The scanner's front door: content in, findings out. Knows no policy, no MCP, no I/O. Immutable and thread safe.</summary>
public sealed class ContentScanner(RuleSet rules)
{
    public RuleSet Rules { get; } = rules;

    /// <summary>Scans one JSON value: every string value and key, decoded, field by field. Spans refer to <paramref name="json"/>.</summary>
    /// <remarks>The JSON is well-formed (the envelope reader judged it). Invalid JSON is scanned as text.</remarks>
    public ScanResult ScanJson(ReadOnlySpan<byte> json, Place place, ScanHints hints) => throw new NotImplementedException();

    /// <summary>Scans plain UTF-8 text as one field <c>$</c>.</summary>
    public ScanResult ScanText(ReadOnlySpan<byte> utf8, Place place, ScanHints hints) => throw new NotImplementedException();
}
