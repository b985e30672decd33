using Oktsec.Scanning.Fields;

namespace Oktsec.Scanning.Definitions;

/// <summary>A description so long that what it orders drowns, or crowds out the rest of the model's context.</summary>
internal static class OverLong
{
    // Of 1,900 descriptions of public servers one in a thousand is longer than 4,000 bytes.
    private const int MaxDescription = 4000;

    // Longest names of parameters in the same set are under 64.
    private const int MaxName = 128;

    public static void Find(ToolDefinition tool, DefinitionReport report)
    {
        foreach (var field in tool.Fields)
        {
            var length = tool.Text(field).Length;
            if ((field.Part == FieldRoles.Description && length > MaxDescription) || (field.Part is FieldRoles.Parameter or FieldRoles.ToolName && length > MaxName))
                report(field, 0, length);
        }
    }
}
