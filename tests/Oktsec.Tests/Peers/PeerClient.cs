using System.Text.Json.Nodes;

namespace Oktsec.Tests.Peers;

/// <summary>An MCP client that somebody else wrote, and everything it saw on one connection.</summary>
internal interface IPeerClient : IAsyncDisposable
{
    /// <summary>The result of initialize.</summary>
    JsonNode Initialize { get; }

    /// <summary>What the server said by itself.</summary>
    HeardMessages Heard { get; }

    /// <param name="cancelAfterProgress">Cancels the request when so many progress notifications have come.</param>
    Task<Answer> AskAsync(string method, JsonNode? parameters, int? cancelAfterProgress = null);

    Task NotifyAsync(string method, JsonNode? parameters);
}

/// <summary>How a request ended: one of the two, or neither when the client cancelled it.</summary>
internal sealed record Answer(JsonNode? Result, JsonNode? Error)
{
    public static readonly Answer Cancelled = new(null, null);

    public JsonNode ToJson() => this switch
    {
        { Result: not null } => new JsonObject { ["result"] = Result.DeepClone() },
        { Error: not null } => new JsonObject { ["error"] = Error.DeepClone() },
        _ => new JsonObject { ["cancelled"] = true },
    };
}

/// <summary>What every client says about itself, and answers when the server asks: the same through every client and every door.</summary>
internal static class ClientRole
{
    public const string Csharp = "csharp";
    public const string TypeScript = "typescript";

    public static async Task<IPeerClient> ConnectAsync(string client, PeerTarget target, WalkPlan plan) => client switch
    {
        Csharp => await CsharpClient.ConnectAsync(target, plan.Root, plan.Revision),
        TypeScript => await TypeScriptClient.ConnectAsync(target, plan.Root),
        _ => throw new ArgumentOutOfRangeException(nameof(client), client, "no such client"),
    };

    public static JsonObject Capabilities => new()
    {
        ["sampling"] = new JsonObject(),
        ["elicitation"] = new JsonObject { ["form"] = new JsonObject(), ["url"] = new JsonObject() },
        ["roots"] = new JsonObject { ["listChanged"] = true },
    };

    public static JsonObject Answers(Uri root) => new()
    {
        ["sampling/createMessage"] = new JsonObject
        {
            ["role"] = "assistant",
            ["model"] = "peer-model",
            ["stopReason"] = "endTurn",
            ["content"] = new JsonObject { ["type"] = "text", ["text"] = "The capital of Iceland is Reykjavík." },
        },
        ["elicitation/create"] = new JsonObject
        {
            ["action"] = "accept",
            ["content"] = new JsonObject { ["name"] = "Ada Lovelace", ["check"] = true, ["integer"] = 42, ["number"] = 3.14 },
        },
        ["elicitation/create:url"] = new JsonObject { ["action"] = "accept" },
        ["roots/list"] = new JsonObject
        {
            ["roots"] = new JsonArray(new JsonObject { ["uri"] = root.ToString(), ["name"] = "project" }),
        },
    };
}
