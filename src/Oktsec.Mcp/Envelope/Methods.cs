using System.Text;

namespace Oktsec.Mcp.Envelope;

/// <summary>The methods of all revisions (schema.ts of 2024-11-05 to 2026-07-28), each written once.</summary>
public static class Methods
{
    public const string ToolsCall = "tools/call";
    public const string ToolsList = "tools/list";
    public const string ResourcesRead = "resources/read";
    public const string ResourcesList = "resources/list";
    public const string ResourceTemplatesList = "resources/templates/list";
    public const string ResourcesSubscribe = "resources/subscribe";
    public const string ResourcesUnsubscribe = "resources/unsubscribe";
    public const string PromptsGet = "prompts/get";
    public const string PromptsList = "prompts/list";
    public const string Complete = "completion/complete";
    public const string Initialize = "initialize";
    public const string Ping = "ping";
    public const string SetLevel = "logging/setLevel";
    public const string CreateMessage = "sampling/createMessage";
    public const string Elicit = "elicitation/create";
    public const string RootsList = "roots/list";
    public const string Discover = "server/discover";
    public const string Listen = "subscriptions/listen";
    public const string TasksGet = "tasks/get";
    public const string TasksResult = "tasks/result";
    public const string TasksList = "tasks/list";
    public const string TasksCancel = "tasks/cancel";
    public const string TasksUpdate = "tasks/update"; // of the 2026-07-28 extension io.modelcontextprotocol/tasks
    public const string Initialized = "notifications/initialized";
    public const string Progress = "notifications/progress";
    public const string Cancelled = "notifications/cancelled";
    public const string LogMessage = "notifications/message";
    public const string ToolsChanged = "notifications/tools/list_changed";
    public const string ResourcesChanged = "notifications/resources/list_changed";
    public const string ResourceUpdated = "notifications/resources/updated";
    public const string PromptsChanged = "notifications/prompts/list_changed";
    public const string RootsChanged = "notifications/roots/list_changed";
    public const string SubscriptionsAcknowledged = "notifications/subscriptions/acknowledged";
    public const string ElicitationComplete = "notifications/elicitation/complete";
    public const string TaskStatus = "notifications/tasks/status";
    public const string TaskChanged = "notifications/tasks"; // of the 2026-07-28 extension

    // Most frequent first: this list is searched from the front for every message.
    private static readonly (byte[] Utf8, string Text)[] Known = List(
        ToolsCall, Progress, LogMessage, ResourcesRead, ToolsList, PromptsGet, ResourcesList, PromptsList, ResourceTemplatesList,
        Initialize, Initialized, Ping, Cancelled, Complete, ResourcesSubscribe, ResourcesUnsubscribe, SetLevel, CreateMessage, Elicit,
        RootsList, Discover, Listen, TasksGet, TasksResult, TasksList, TasksCancel, TasksUpdate, ToolsChanged, ResourcesChanged,
        ResourceUpdated, PromptsChanged, RootsChanged, SubscriptionsAcknowledged, ElicitationComplete, TaskStatus, TaskChanged);

    /// <summary>Whether a revision of MCP has the method. An answer has none, which is known too.</summary>
    public static bool IsKnown(string method)
    {
        if (method.Length == 0)
            return true;
        foreach (var (_, known) in Known)
            if (known == method)
                return true;
        return false;
    }

    /// <summary>Whether it is none, and a reader that is careless about case, white space or control characters would take it for one.</summary>
    public static bool IsVariant(string method)
    {
        if (IsKnown(method))
            return false;
        var plain = string.Concat(method.Where(c => !char.IsWhiteSpace(c) && !char.IsControl(c)));
        return Array.Exists(Known, known => known.Text.Equals(plain, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Whether <c>params.name</c> says which tool or prompt is meant.</summary>
    public static bool HasName(string method) => method is ToolsCall or PromptsGet;

    /// <summary>Whether <c>params.uri</c> says which resource is meant.</summary>
    public static bool HasUri(string method) => method is ResourcesRead or ResourcesSubscribe or ResourcesUnsubscribe or ResourceUpdated;

    /// <summary>The text of a raw string token; a known method is the same string each time and allocates nothing.</summary>
    internal static string Decode(ReadOnlySpan<byte> token) => Decode(token, out _);

    internal static string Decode(ReadOnlySpan<byte> token, out bool isKnown)
    {
        isKnown = true;
        foreach (var (utf8, text) in Known)
        {
            if (JsonText.Means(token, utf8))
                return text;
        }
        isKnown = false;
        return JsonText.Decode(token);
    }

    private static (byte[] Utf8, string Text)[] List(params string[] methods) =>
        [.. methods.Select(text => (Encoding.ASCII.GetBytes(text), text))];
}
