using System.Text;
using Oktsec.Scanning.Fields;

namespace Oktsec.Scanning.Definitions;

/// <summary>Annotations that call a tool read-only or harmless whose name says otherwise. Clients skip their question for such tools.</summary>
internal static class AnnotationContradiction
{
    // Nothing that begins with one of these reads only, whatever it is done to.
    private static readonly HashSet<string> Destroying = ["delete", "drop", "truncate", "destroy", "purge", "wipe", "erase", "transfer", "pay", "uninstall", "revoke"];

    // Left out: remove_background returns a new picture, create_chart draws one, send_query asks.
    private static readonly HashSet<string> Changing = ["kill", "overwrite", "write", "update", "insert", "deploy", "publish", "execute", "terminate", "reset"];

    /// <summary><c>readOnlyHint: true</c> on a tool that destroys or pays.</summary>
    public static void Find(ToolDefinition tool, DefinitionReport report)
    {
        if (Destroying.Contains(Verb(tool.Name)))
            Report(tool.True, "readOnlyHint", tool, report);
    }

    /// <summary><c>destructiveHint: false</c> on a tool that destroys, <c>readOnlyHint: true</c> on one that changes.</summary>
    public static void FindUnderstated(ToolDefinition tool, DefinitionReport report)
    {
        var verb = Verb(tool.Name);
        if (Destroying.Contains(verb))
            Report(tool.False, "destructiveHint", tool, report);
        if (Changing.Contains(verb))
            Report(tool.True, "readOnlyHint", tool, report);
    }

    private static void Report(IReadOnlyList<DefinitionField> hints, string key, ToolDefinition tool, DefinitionReport report)
    {
        foreach (var field in hints)
            if (field.Key == key)
                report(field, 0, tool.Text(field).Length);
    }

    // The verb leads: delete_file deletes, list_delete_markers does not.
    private static string Verb(string name)
    {
        foreach (var word in new NameWords(Encoding.UTF8.GetBytes(name), stackalloc char[64]))
            return word.ToString();
        return "";
    }
}
