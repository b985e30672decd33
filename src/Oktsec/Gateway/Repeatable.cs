using Oktsec.Mcp.Backends;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Gateway;

/// <summary>
/// Requests that may be made twice: those that only read by what they are, and calls of tools that their server declares to only read, or to do
/// the same once and again.
/// </summary>
/// <remarks>
/// The annotations are the server's word (MCP 2025-11-25, ToolAnnotations: "untrusted"). Here a lie harms only the server that tells it: it has the
/// arguments already, and what it does with them twice it could do twice by itself.
/// </remarks>
internal static class Repeatable
{
    public static bool Is(BackendRequest request) => request.Origin is not InFlightCall { IsCancelled: true } && (OnlyReads(request.Method) || IsDeclared(request));

    private static bool OnlyReads(string method) =>
        ListKind.OfMethod(method) is not null || method is Methods.ResourcesRead or Methods.PromptsGet or Methods.Complete or Methods.Ping;

    private static bool IsDeclared(BackendRequest request) =>
        request is { Method: Methods.ToolsCall, Origin: InFlightCall call }
        && call.Session.Catalogue.Find(ListKind.Tools, call.Message.NameText!) is { IsPoisoned: false } offer
        && IsDeclared(offer.Item.Bytes);

    private static bool IsDeclared(ReadOnlyMemory<byte> definition)
    {
        var annotations = definition.Slice(JsonMembers.Find(definition.Span, "annotations"u8));
        return IsTrue(annotations, "readOnlyHint"u8) || IsTrue(annotations, "idempotentHint"u8);
    }

    private static bool IsTrue(ReadOnlyMemory<byte> annotations, ReadOnlySpan<byte> hint) =>
        annotations.Slice(JsonMembers.Find(annotations.Span, hint)).Span.SequenceEqual("true"u8);
}
