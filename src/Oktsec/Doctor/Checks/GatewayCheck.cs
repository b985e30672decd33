using System.Text.Json;
using Oktsec.Clients;
using Oktsec.Core.Configuration;

namespace Oktsec.Doctor.Checks;

/// <summary>Whether the gateway answers where the configuration says.</summary>
internal sealed class GatewayCheck(Func<Machine>? machine = null) : IHealthCheck
{
    // It answers from memory: what takes longer on this machine does not work.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    public string Name => "gateway";

    public async ValueTask<IReadOnlyList<HealthLine>> LookAsync(Installation at, CancellationToken cancel)
    {
        if (at.Config?.Gateway is not { } gateway)
            return [HealthLine.Problem("cannot start with this configuration", "oktsec verify")];
        var (first, last) = gateway.PortAuto ? (9090, 9100) : (gateway.Port, gateway.Port);
        for (var port = first; port <= last; port++)
        {
            if (await AskAsync(gateway, port, cancel) is { } line)
                return [line];
        }
        if (machine is not null && Discovery.Find(machine()).Where(c => c.Files.Any(f => f.Servers.Any(s => s.IsGateway))).Select(c => c.Client.Name).ToArray() is { Length: > 0 } behind)
            return [HealthLine.Problem($"does not answer, and is all that {string.Join(", ", behind)} can reach", "oktsec run")];
        return [HealthLine.Warning($"does not answer on port {(gateway.PortAuto ? "9090 to 9100" : gateway.Port)}; wrapped servers do not need it", "oktsec run starts it")];
    }

    private static async Task<HealthLine?> AskAsync(GatewayConfig gateway, int port, CancellationToken cancel)
    {
        var host = gateway.IsLocal || gateway.Bind is "0.0.0.0" or "::" ? "127.0.0.1" : gateway.Bind.Contains(':') ? $"[{gateway.Bind}]" : gateway.Bind;
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = s_patience, MaxResponseContentBufferSize = 1 << 20 };
        try
        {
            using var health = JsonDocument.Parse(await http.GetStringAsync($"http://{host}:{port}/health", cancel));
            var version = health.RootElement.GetProperty("version").GetString();
            return HealthLine.Fine($"answers on port {port}, version {version}, {health.RootElement.GetProperty("sessions").GetInt32()} sessions");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return HealthLine.Problem($"port {port} is answered by something that is not oktsec", "end it, or write another gateway.port");
        }
        catch (HttpRequestException e) when (e.StatusCode is not null)
        {
            return HealthLine.Problem($"port {port} answers with HTTP {(int)e.StatusCode}: not oktsec, or one that refuses this host", "end it, or write another gateway.port");
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancel.IsCancellationRequested)
        {
            return null;
        }
    }
}
