using Oktsec.Core.Pipeline;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Gateway;

/// <summary>One of the four lists of MCP: how it is asked for and what its items are called.</summary>
/// <param name="Method">The method.</param>
/// <param name="Member">The member of the result that holds the items.</param>
/// <param name="Key">The member of an item that names it.</param>
/// <param name="Capability">The server capability that says it exists.</param>
/// <param name="Target">What its items are to policy.</param>
/// <param name="IsNamed">Whether names are told apart across backends; URIs stay as they are.</param>
internal sealed record ListKind(string Method, string Member, string Key, string Capability, TargetKind Target, bool IsNamed)
{
    public static ListKind Tools { get; } = new(Methods.ToolsList, "tools", "name", "tools", TargetKind.Tool, true);

    public static ListKind Prompts { get; } = new(Methods.PromptsList, "prompts", "name", "prompts", TargetKind.Prompt, true);

    public static ListKind Resources { get; } = new(Methods.ResourcesList, "resources", "uri", "resources", TargetKind.Resource, false);

    public static ListKind Templates { get; } = new(Methods.ResourceTemplatesList, "resourceTemplates", "uriTemplate", "resources", TargetKind.Resource, false);

    public static IReadOnlyList<ListKind> All { get; } = [Tools, Prompts, Resources, Templates];

    public static ListKind? OfMethod(string method) => All.FirstOrDefault(k => k.Method == method);

    public static ListKind? OfTarget(TargetKind target) => All.FirstOrDefault(k => k.Target == target);
}
