using System.Text.Json;

namespace Oktsec.TestServer.Tools;

/// <summary>Tools that only make sense over HTTP.</summary>
internal static class HttpTools
{
    public static Tool[] All { get; } =
    [
        new("headers", "Returns the headers of its request as JSON.", Tool.NoArguments,
            request => request.ReplyTextAsync(JsonSerializer.Serialize(request.Headers))),
    ];
}
