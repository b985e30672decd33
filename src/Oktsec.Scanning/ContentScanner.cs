using System.Collections.Concurrent;
using Oktsec.Scanning.Fields;
using Oktsec.Scanning.Rules;
using Oktsec.Scanning.Scan;

namespace Oktsec.Scanning;

/// <summary>What the caller knows about the content, from the tool and the operator, never from the content itself.</summary>
public sealed record ScanHints
{
    public static ScanHints None { get; } = new();

    /// <summary>The backend's own name of the tool, or empty.</summary>
    public string Tool { get; init; } = "";

    /// <summary>The tool's inputSchema (raw JSON), from which fields get roles (path, url, command, sql, code, prose); empty when unknown.</summary>
    public ReadOnlyMemory<byte> InputSchema { get; init; }

    /// <summary>The roles the schema gives, read once: callers keep the hints of a tool for all its calls.</summary>
    internal FieldRoleSource Roles => field ??= InputSchema.IsEmpty ? FieldRoleSource.ByName : FieldRoleSource.FromSchema(InputSchema.Span);

    /// <summary>Known names of other tools, for confusable and cross-server checks of definitions.</summary>
    public IReadOnlyCollection<string> OtherTools { get; init; } = [];
}

/// <summary>The scanner's front door: content in, findings out. Knows no policy, no MCP, no I/O. Immutable and thread safe.</summary>
public sealed class ContentScanner(RuleSet rules)
{
    // Sessions keep the buffers of the largest scan they did; as many are kept as threads scanned at once.
    private readonly ConcurrentBag<ScanSession> idle = [];

    public RuleSet Rules { get; } = rules;

    /// <summary>Scans one JSON value: every string value and key, decoded, field by field. Spans refer to <paramref name="json"/>.</summary>
    /// <remarks>The JSON is well-formed (the envelope reader judged it). Invalid JSON is scanned as text.</remarks>
    public ScanResult ScanJson(ReadOnlySpan<byte> json, Place place, ScanHints hints)
    {
        var session = Begin(place, hints);
        if (FieldWalker.TryWalk(json, session.Buffer, hints.Roles))
            return Finish(session, place, json, isJson: true);
        session.Buffer.Clear();
        AddText(session, json);
        return Finish(session, place, json, isJson: false);
    }

    /// <summary>Scans plain UTF-8 text as one field <c>$</c>.</summary>
    public ScanResult ScanText(ReadOnlySpan<byte> utf8, Place place, ScanHints hints)
    {
        var session = Begin(place, hints);
        AddText(session, utf8);
        return Finish(session, place, utf8, isJson: false);
    }

    private ScanSession Begin(Place place, ScanHints hints)
    {
        if (!idle.TryTake(out var session))
            session = new ScanSession();
        session.Begin(Rules, place, hints.Tool.Length > 0 ? RoleGuess.OfTool(hints.Tool) : ToolClasses.None);
        return session;
    }

    private static void AddText(ScanSession session, ReadOnlySpan<byte> text)
    {
        session.Buffer.AddField(text, 0, FieldRoles.Prose, isKey: false);
        session.Buffer.EndField();
    }

    private ScanResult Finish(ScanSession session, Place place, ReadOnlySpan<byte> input, bool isJson)
    {
        session.Run();
        var result = session.Hits.Count == 0 && !session.IsExhausted
            ? ScanResult.Clean
            : new ScanResult(session.Hits.Count == 0 ? [] : new FindingWriter(session, Rules, place, input, isJson).Write(), session.IsExhausted);
        idle.Add(session);
        return result;
    }
}
