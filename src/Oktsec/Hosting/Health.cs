using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Oktsec.Commands;

namespace Oktsec.Hosting;

/// <summary><c>GET /health</c>: alive, with the state of each backend and what is written but does not protect yet. Says nothing about agents or content.</summary>
internal static class Health
{
    public static async Task AnswerAsync(HttpContext http, GatewayParts parts)
    {
        if (!parts.State.Current.Hosts.Of(http).IsHostAllowed)
        {
            http.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }
        var body = Body(parts);
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = body.Length;
        await http.Response.BodyWriter.WriteAsync(body);
    }

    // Whoever asks here need not learn how agents and servers are called.
    private static string WithoutName(string path) =>
        path.StartsWith("agents.", StringComparison.Ordinal) || path.StartsWith("mcp_servers.", StringComparison.Ordinal)
            ? $"{path[..path.IndexOf('.')]}.*.{path[(path.LastIndexOf('.') + 1)..]}"
            : path;

    private static ReadOnlyMemory<byte> Body(GatewayParts parts)
    {
        var output = new ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteString("status", parts.Life.IsDraining ? "draining" : "ok");
        json.WriteString("version", VersionCommand.Version);
        json.WriteNumber("sessions", parts.Sessions.Count);
        json.WriteStartObject("backends");
        foreach (var backend in parts.Backends.Backends)
            json.WriteString(backend.Name, parts.Backends.Health(backend.Name).State);
        json.WriteEndObject();
        json.WriteStartArray("not_enforced");
        foreach (var key in parts.State.Current.Policies.Config.NotEnforced.Select(WithoutName).Distinct(StringComparer.Ordinal))
            json.WriteStringValue(key);
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return output.WrittenMemory;
    }
}
