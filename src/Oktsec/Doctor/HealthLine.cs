namespace Oktsec.Doctor;

internal enum HealthLevel : byte
{
    Fine,

    /// <summary>Works, and somebody should know.</summary>
    Warning,

    /// <summary>Something is not protected, or does not work.</summary>
    Problem,
}

/// <summary>One thing that was looked at.</summary>
/// <param name="Level">How it is.</param>
/// <param name="Text">What was found.</param>
/// <param name="Remedy">What to do; empty when nothing is to be done.</param>
internal sealed record HealthLine(HealthLevel Level, string Text, string Remedy = "")
{
    public static HealthLine Fine(string text) => new(HealthLevel.Fine, text);

    public static HealthLine Warning(string text, string remedy) => new(HealthLevel.Warning, text, remedy);

    public static HealthLine Problem(string text, string remedy) => new(HealthLevel.Problem, text, remedy);
}

/// <summary>What one check found.</summary>
internal sealed record HealthReport(string Check, IReadOnlyList<HealthLine> Lines)
{
    public HealthLevel Worst => Lines.Max(l => l.Level);
}
