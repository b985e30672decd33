using System.Text;
using Oktsec.Scanning.Fields;

namespace Oktsec.Scanning.Definitions;

/// <summary>Annotations that call a tool read-only or harmless whose name says that it deletes, writes or sends.</summary>
internal static class AnnotationContradiction
{
    private static readonly HashSet<string> Writing =
    [
        "delete", "remove", "drop", "truncate", "destroy", "purge", "wipe", "erase", "kill", "write", "overwrite", "update", "insert", "create", "send", "transfer", "pay", "execute", "deploy", "uninstall", "revoke",
    ];

    public static void Find(ToolDefinition tool, DefinitionReport report)
    {
        var words = new List<string>();
        foreach (var word in new NameWords(Encoding.UTF8.GetBytes(tool.Name), stackalloc char[64]))
            words.Add(word.ToString());
        // The verb leads: delete_file deletes, list_delete_markers does not.
        if (words.Count == 0 || !Writing.Contains(words[0]))
            return;
        foreach (var field in tool.True)
            if (field.Key == "readOnlyHint")
                report(field, 0, tool.Text(field).Length);
    }
}
