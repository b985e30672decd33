using Oktsec.Mcp.Envelope;

namespace Oktsec.Gateway;

/// <summary>Messages that are well-formed and not what they say they are.</summary>
internal static class Misuse
{
    /// <summary>What is wrong with a message, or null.</summary>
    /// <remarks>
    /// A tools/call without an id would run and be answered to nobody; a notification with one is a request in disguise. Either would pass by the
    /// checks of what it really is. What a method of no revision is, its id says. <c>Tools/Call</c>
    /// would pass by the policy for tools, and a server that is careless about case would run it.
    /// </remarks>
    public static string? Of(RpcMessage? message) => message switch
    {
        { Kind: RpcKind.Notification } when Methods.IsKnown(message.Method) && !message.Method.StartsWith("notifications/", StringComparison.Ordinal) => "a method that is answered needs an id",
        { Kind: RpcKind.Request } when message.Method.StartsWith("notifications/", StringComparison.Ordinal) => "a notification has no id",
        { Kind: RpcKind.Request or RpcKind.Notification } when Methods.IsVariant(message.Method) => "a known method is spelled with other letter case or white space; spell it as the specification does",
        _ => null,
    };
}
