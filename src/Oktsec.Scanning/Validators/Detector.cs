namespace Oktsec.Scanning.Validators;

/// <summary>A named search in code, for what a pattern cannot say. One row here makes it usable in rules.</summary>
internal sealed record Detector(string Name, DetectorSearch Next)
{
    private static readonly Detector[] All =
    [
        new("card", CardRuns.Next),
        new("iban", IbanRuns.Next),
        new("terminal", TerminalEscapes.Next),
        new("hidden", HiddenRuns.Next),
        new("tag-characters", InvisibleRuns.Tags),
        new("variation-selectors", InvisibleRuns.Selectors),
        new("zero-width-run", InvisibleRuns.ZeroWidths),
        new("piled-marks", InvisibleRuns.Marks),
        new("mixed-script", MixedScript.Next),
    ];

    public static IEnumerable<string> Names => All.Select(detector => detector.Name);

    public static Detector? Find(string name) => Array.Find(All, detector => detector.Name == name);
}

/// <summary>The next match at or after <c>from</c>; false when there is none.</summary>
internal delegate bool DetectorSearch(ReadOnlySpan<byte> text, int from, out int start, out int end);
