using System.Text.Json;
using Oktsec.Scanning.Fields;

namespace Oktsec.Scanning.Definitions;

/// <summary>Tells of every key and value of a definition what part it plays, and gives it the role rules ask for.</summary>
internal static class DefinitionReader
{
    private const int MaxDepth = 128;

    /// <summary>Reads the same tokens the walk put into the buffer, in the same order.</summary>
    public static ToolDefinition Read(ReadOnlySpan<byte> json, ScanBuffer buffer, IReadOnlyCollection<string> otherTools)
    {
        var fields = new List<DefinitionField>();
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        var keys = new string[MaxDepth + 2];
        Array.Fill(keys, "");
        var (truths, denials) = (new List<DefinitionField>(), new List<DefinitionField>());
        var name = "";
        var index = 0;
        while (reader.Read())
        {
            var depth = reader.CurrentDepth;
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    keys[depth] = reader.GetString()!;
                    Add(buffer, fields, index++, IsParameter(keys, depth) ? FieldRoles.Parameter : FieldRoles.Identifier, keys[depth]);
                    break;
                case JsonTokenType.String:
                    var part = PartOf(keys, depth);
                    if (part == FieldRoles.ToolName && name.Length == 0)
                        name = reader.GetString()!;
                    Add(buffer, fields, index++, part, keys[depth]);
                    break;
                case JsonTokenType.Number:
                    Add(buffer, fields, index++, FieldRoles.Number, keys[depth]);
                    break;
                case JsonTokenType.True when fields.Count > 0:
                    truths.Add(fields[^1]);
                    break;
                case JsonTokenType.False when fields.Count > 0:
                    denials.Add(fields[^1]);
                    break;
                case JsonTokenType.StartArray or JsonTokenType.StartObject:
                    // Members of an array stand under the array's key.
                    keys[depth + 1] = keys[depth];
                    break;
            }
        }
        var tool = new ToolDefinition(buffer, fields, truths, denials, name, otherTools);
        foreach (var field in tool.Of(FieldRoles.Parameter | FieldRoles.ToolName).ToList())
            AddWords(tool, field);
        return tool;
    }

    // contentFromReadingSshIdRsa is a sentence to a model.
    private static void AddWords(ToolDefinition tool, DefinitionField field)
    {
        var text = tool.Text(field).ToArray();
        var target = tool.Buffer.BeginField(2 * text.Length + 1);
        var written = 0;
        var words = 0;
        foreach (var word in new NameWords(text, stackalloc char[64]))
        {
            foreach (var c in word)
                target[written++] = (byte)c;
            target[written++] = (byte)' ';
            words++;
        }
        if (words > 1)
            tool.Buffer.CompleteDecoded(written, field.Field, tool.Buffer[field.Field].Start, tool.Buffer[field.Field].End, Decoding.Words);
    }

    private static void Add(ScanBuffer buffer, List<DefinitionField> fields, int index, FieldRoles part, string key)
    {
        buffer[index].Roles = part switch
        {
            FieldRoles.Description => part | FieldRoles.Prose,
            FieldRoles.ToolName or FieldRoles.Parameter => part | FieldRoles.Identifier,
            _ => part,
        };
        fields.Add(new DefinitionField(index, part, key));
    }

    // properties / NAME, at any depth; $defs and patternProperties name parameters too.
    private static bool IsParameter(string[] keys, int depth) => depth > 1 && keys[depth - 1] is "properties" or "patternProperties";

    private static FieldRoles PartOf(string[] keys, int depth) => keys[depth] switch
    {
        "name" when depth > 1 && keys[depth - 1] == "arguments" => FieldRoles.Parameter,
        "name" when depth <= 2 => FieldRoles.ToolName,
        "description" or "title" or "instructions" or "summary" or "$comment" => FieldRoles.Description,
        "enum" or "default" or "const" or "example" or "examples" or "pattern" => FieldRoles.Sample,
        "required" => FieldRoles.Parameter,
        "uri" or "uriTemplate" or "icon" or "icons" or "websiteUrl" => FieldRoles.Url,
        "type" or "format" or "$ref" or "$schema" or "mimeType" => FieldRoles.Identifier,
        _ => IsInSample(keys, depth) ? FieldRoles.Sample : FieldRoles.Prose,
    };

    // A default or an example may be a whole object.
    private static bool IsInSample(string[] keys, int depth)
    {
        for (var i = depth - 1; i > 0; i--)
            if (keys[i] is "default" or "const" or "example" or "examples" && keys[i - 1] != "properties")
                return true;
        return false;
    }
}
