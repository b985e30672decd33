using Oktsec.Scanning.Fields;

namespace Oktsec.Scanning.Definitions;

/// <summary>A check of a definition's structure, for what no pattern over one text can say. One row here makes it usable in rules.</summary>
/// <param name="Name">As rules write it.</param>
/// <param name="Find">Reports the fields, or parts of fields, that fail it.</param>
internal sealed record DefinitionCheck(string Name, DefinitionSearch Find)
{
    private static readonly DefinitionCheck[] All =
    [
        new("over-long", OverLong.Find),
        new("invisible-text", InvisibleText.Find),
        new("confusable-name", ConfusableName.FindLookAlike),
        new("misspelt-name", ConfusableName.FindMisspelt),
        new("references-other-tool", OtherToolReference.Find),
        new("annotation-contradicts", AnnotationContradiction.Find),
        new("annotation-understates", AnnotationContradiction.FindUnderstated),
    ];

    public static IEnumerable<string> Names => All.Select(check => check.Name);

    public static DefinitionCheck? Named(string name) => Array.Find(All, check => check.Name == name);
}

internal delegate void DefinitionSearch(ToolDefinition tool, DefinitionReport report);

/// <param name="field">The field.</param>
/// <param name="start">First byte of the match in the field's text.</param>
/// <param name="length">Its length.</param>
internal delegate void DefinitionReport(DefinitionField field, int start, int length);
