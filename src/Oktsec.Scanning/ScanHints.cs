using Oktsec.Scanning.Fields;

namespace Oktsec.Scanning;

/// <summary>What the caller knows about the content, from the tool and the operator, never from the content itself.</summary>
/// <remarks>Make one per tool and keep it: what is read from name and schema is read once.</remarks>
public sealed record ScanHints
{
    private FieldRoleSource? roles;
    private int classes = -1;

    public static ScanHints None { get; } = new();

    /// <summary>The backend's own name of the tool, or empty.</summary>
    public string Tool
    {
        get;
        init => (field, classes) = (value, -1);
    } = "";

    /// <summary>The tool's inputSchema (raw JSON), from which fields get roles (path, url, command, sql, code, prose); empty when unknown.</summary>
    public ReadOnlyMemory<byte> InputSchema
    {
        get;
        init => (field, roles) = (value, null);
    }

    /// <summary>What the operator says the tool does, besides what its name says.</summary>
    public ToolClasses ToolClasses
    {
        get;
        init => (field, classes) = (value, -1);
    }

    /// <summary>Known names of other tools, for confusable and cross-server checks of definitions.</summary>
    public IReadOnlyCollection<string> OtherTools { get; init; } = [];

    // Read by several threads at once, each of which may compute the same value.
    internal FieldRoleSource Roles => roles ??= InputSchema.IsEmpty ? FieldRoleSource.ByName : FieldRoleSource.FromSchema(InputSchema.Span);

    internal ToolClasses Classes
    {
        get
        {
            if (classes < 0)
                classes = (int)(ToolClasses | (Tool.Length > 0 ? RoleGuess.OfTool(Tool) : ToolClasses.None));
            return (ToolClasses)classes;
        }
    }
}
