using Oktsec.Scanning.Definitions;
using Oktsec.Scanning.Fields;
using Oktsec.Scanning.Rules;
using Oktsec.Scanning.Scan;

namespace Oktsec.Scanning;

/// <summary>The scanner's front door: content in, findings out. Knows no policy, no MCP, no I/O. Immutable and thread safe.</summary>
public sealed class ContentScanner(RuleSet rules)
{
    // Sessions keep the buffers of the largest scan they did. More threads at once than slots only means a session made anew.
    private readonly ScanSession?[] idle = new ScanSession?[Math.Max(4, Environment.ProcessorCount)];

    public RuleSet Rules { get; } = rules;

    /// <summary>Scans one JSON value: every string value and key, decoded, field by field. Spans refer to <paramref name="json"/>.</summary>
    /// <remarks>The JSON is well-formed (the envelope reader judged it). Invalid JSON is scanned as text.</remarks>
    public ScanResult ScanJson(ReadOnlySpan<byte> json, Place place, ScanHints hints)
    {
        var session = Begin(place, hints);
        if (FieldWalker.TryWalk(json, session.Buffer, hints.Roles))
            return Finish(session, place, json, place == Place.Definition ? DefinitionReader.Read(json, session.Buffer, hints.OtherTools) : null, isJson: true);
        session.Buffer.Clear();
        AddText(session, json);
        return Finish(session, place, json, null, isJson: false);
    }

    /// <summary>Scans plain UTF-8 text as one field <c>$</c>.</summary>
    public ScanResult ScanText(ReadOnlySpan<byte> utf8, Place place, ScanHints hints)
    {
        var session = Begin(place, hints);
        AddText(session, utf8);
        return Finish(session, place, utf8, null, isJson: false);
    }

    /// <summary>Lets go of the buffers kept for the next scans; the next ones make their own.</summary>
    public void ReleaseBuffers() => Array.Clear(idle);

    private ScanSession Begin(Place place, ScanHints hints)
    {
        ScanSession? session = null;
        for (var i = 0; i < idle.Length && session is null; i++)
            session = Interlocked.Exchange(ref idle[i], null);
        session ??= new ScanSession();
        session.Begin(Rules, place, hints.Classes);
        return session;
    }

    private static void AddText(ScanSession session, ReadOnlySpan<byte> text)
    {
        session.Buffer.AddText(text, FieldRoles.Prose);
    }

    private ScanResult Finish(ScanSession session, Place place, ReadOnlySpan<byte> input, ToolDefinition? definition, bool isJson)
    {
        session.Run(definition);
        var hits = session.Confirmed();
        var findings = hits.Count == 0 ? [] : new FindingWriter(session, Rules, place, input, isJson).Write(hits);
        var result = findings.Count == 0 && !session.IsExhausted ? ScanResult.Clean : new ScanResult(findings, session.IsExhausted);
        for (var i = 0; i < idle.Length; i++)
            if (Interlocked.CompareExchange(ref idle[i], session, null) is null)
                break;
        return result;
    }
}
