using System.Text.Json.Nodes;

namespace Oktsec.Tests.Peers;

/// <summary>What to do with one server, beyond what its own lists say.</summary>
/// <param name="Name">The backend's name in <c>mcp_servers:</c>.</param>
internal sealed record WalkPlan(string Name)
{
    /// <summary>The newest revision with sessions.</summary>
    public const string Newest = "2025-11-25";

    /// <summary>What the C# client asks for; it accepts no other. The TypeScript client always asks for the newest.</summary>
    public string Revision { get; init; } = Newest;

    /// <summary>The one root that the client names when it is asked.</summary>
    public Uri Root { get; init; } = new("file:///srv/project");

    /// <summary>
    /// The client may hear a message more than once: the TypeScript client resumes streams that a busy server was slow to end, and
    /// server-everything then sends again what it ever sent, on whichever stream. How often cannot be compared then, only what.
    /// </summary>
    public bool HasRepeats { get; init; }

    /// <summary>See <see cref="SchemaArguments"/>.</summary>
    public IReadOnlyDictionary<string, JsonNode> Hints { get; init; } = new Dictionary<string, JsonNode>();

    /// <summary>Tools that are listed but not called, each with the reason.</summary>
    public IReadOnlyDictionary<string, string> NotCalled { get; init; } = new Dictionary<string, string>();

    /// <summary>Brings the world outside the server (files, tables) to the same start before every walk.</summary>
    public Action Reset { get; init; } = () => { };

    /// <summary>Runs right after initialize.</summary>
    public Func<Walk, Task> Before { get; init; } = _ => Task.CompletedTask;

    /// <summary>Runs at the end: subscriptions, tasks, completion, cancellation ...</summary>
    public Func<Walk, Task> Extra { get; init; } = _ => Task.CompletedTask;
}

/// <summary>Under which names one backend's things appear behind a gateway with several.</summary>
internal sealed record Exposure(Func<string, string> Tool, Func<string, string> Prompt, Func<string, string> Uri)
{
    public static readonly Exposure Unchanged = new(n => n, n => n, u => u);
}
