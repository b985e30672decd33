using System.Text;
using System.Text.Json;

namespace Oktsec.Scanning.Fields;

/// <summary>Says which roles a property has: what the tool's schema says of it, else what its name says.</summary>
internal sealed class FieldRoleSource
{
    /// <summary>Names alone.</summary>
    public static FieldRoleSource ByName { get; } = new([]);

    private readonly Dictionary<string, FieldRoles> declared;

    private FieldRoleSource(Dictionary<string, FieldRoles> declared) => this.declared = declared;

    public FieldRoles Of(ReadOnlySpan<byte> key)
    {
        var roles = RoleGuess.OfKey(key);
        if (declared.Count == 0)
            return roles;
        Span<char> name = stackalloc char[128];
        return key.Length <= name.Length
            && declared.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name[..Encoding.UTF8.GetChars(key, name)], out var more)
            ? roles | more
            : roles;
    }

    /// <summary>Reads <c>properties</c> at any depth: a name's format and the words of its description.</summary>
    public static FieldRoleSource FromSchema(ReadOnlySpan<byte> schema)
    {
        var declared = new Dictionary<string, FieldRoles>();
        var reader = new Utf8JsonReader(schema, new JsonReaderOptions { MaxDepth = 128 });
        var names = new string?[129];
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName)
                    continue;
                var depth = reader.CurrentDepth;
                var key = reader.GetString()!;
                names[depth] = key;
                // properties / NAME / format|description
                if (depth < 3 || names[depth - 2] != "properties" || key is not ("format" or "description") || names[depth - 1] is not { } owner)
                    continue;
                reader.Read();
                if (reader.TokenType == JsonTokenType.String)
                    declared[owner] = declared.GetValueOrDefault(owner) | (key == "format" ? OfFormat(reader.GetString()!) : OfDescription(reader.GetString()!));
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A schema that cannot be read declares nothing; names still count.
            return ByName;
        }
        return declared.Count == 0 ? ByName : new FieldRoleSource(declared);
    }

    private static FieldRoles OfFormat(string format) => format switch
    {
        "uri" or "url" or "uri-reference" or "iri" or "hostname" or "ipv4" or "ipv6" => FieldRoles.Url,
        "path" or "file-path" or "directory-path" => FieldRoles.Path,
        "sql" => FieldRoles.Sql,
        _ => FieldRoles.None,
    };

    private static FieldRoles OfDescription(string text)
    {
        var roles = FieldRoles.None;
        if (Says(text, "shell command") || Says(text, "command to run") || Says(text, "command to execute") || Says(text, "bash command") || Says(text, "command line"))
            roles |= FieldRoles.Command;
        if (Says(text, "SQL"))
            roles |= FieldRoles.Sql;
        if (Says(text, "path to") || Says(text, "file path") || Says(text, "path of") || Says(text, "directory to"))
            roles |= FieldRoles.Path;
        if (Says(text, "URL"))
            roles |= FieldRoles.Url;
        if (Says(text, "source code") || Says(text, "code to"))
            roles |= FieldRoles.Code;
        return roles;
    }

    private static bool Says(string text, string words) => text.Contains(words, StringComparison.OrdinalIgnoreCase);
}
