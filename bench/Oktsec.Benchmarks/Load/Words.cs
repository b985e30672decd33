namespace Oktsec.Benchmarks.Load;

/// <summary>The vocabulary of <see cref="Payloads"/>: office and programming words.</summary>
internal static class Words
{
    public static readonly string[] Subjects =
    [
        "report", "invoice", "schedule", "parser", "customer", "warehouse", "calendar", "meeting", "pipeline", "branch", "dataset", "column",
        "service", "request", "queue", "index", "folder", "document", "contract", "release", "module", "buffer", "template", "session",
        "forecast", "budget", "shipment", "catalogue", "translation", "benchmark", "layout", "message",
    ];

    public static readonly string[] Adjectives =
    [
        "quarterly", "internal", "nested", "previous", "empty", "sorted", "pending", "regional", "stable", "monthly", "larger", "archived",
        "shared", "optional", "second", "recent", "partial", "open", "missing", "weekly", "compact", "final", "local", "typed",
    ];

    public static readonly string[] Verbs =
    [
        "updates", "describes", "collects", "splits", "merges", "groups", "renames", "measures", "sorts", "extends", "loads", "checks",
        "prints", "replaces", "counts", "reads", "draws", "builds", "moves", "covers",
    ];

    public static readonly string[] Endings =
    [
        "before the end of the week", "when the build is done", "for the team in Lisbon", "with the numbers from last year",
        "as agreed on Tuesday", "so that the totals match", "after the second review", "in three steps", "because the old format was slow",
        "without changing its order", "and writes a summary", "next to the table of contents", "if there is more than one page",
    ];
}
