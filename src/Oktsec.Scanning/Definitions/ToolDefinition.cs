using Oktsec.Scanning.Fields;

namespace Oktsec.Scanning.Definitions;

/// <summary>A tool, prompt or resource definition as fields of the scan's buffer, each with its part in the definition.</summary>
/// <param name="Buffer">The scan's buffer.</param>
/// <param name="Fields">The fields.</param>
/// <param name="True">The keys whose value is <c>true</c>.</param>
/// <param name="False">The keys whose value is <c>false</c>.</param>
/// <param name="Name">The tool's own name, or empty.</param>
/// <param name="OtherTools">Names of other known tools.</param>
internal sealed record ToolDefinition(
    ScanBuffer Buffer, IReadOnlyList<DefinitionField> Fields, IReadOnlyList<DefinitionField> True, IReadOnlyList<DefinitionField> False, string Name, IReadOnlyCollection<string> OtherTools)
{
    public IEnumerable<DefinitionField> Of(FieldRoles part) => Fields.Where(field => (field.Part & part) != 0);

    public ReadOnlySpan<byte> Text(DefinitionField field) => Buffer.Text[Buffer[field.Field].Start..Buffer[field.Field].End];
}

/// <param name="Field">Index in the buffer.</param>
/// <param name="Part">What it is in the definition.</param>
/// <param name="Key">The property that holds it, or its own text for a key.</param>
internal readonly record struct DefinitionField(int Field, FieldRoles Part, string Key);
