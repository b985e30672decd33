using Oktsec.Clients;
using Oktsec.Doctor.Checks;

namespace Oktsec.Doctor;

/// <summary>What <c>oktsec status</c> and <c>oktsec doctor</c> look at: one line each, in the order they are shown.</summary>
internal static class Examination
{
    public static readonly IReadOnlyList<IHealthCheck> Checks =
    [
        new ConfigCheck(),
        new PermissionsCheck(),
        new StoreCheck(),
        new DiskCheck(),
        new RulesCheck(),
        new GatewayCheck(Machine.Current),
        new ClientsCheck(Machine.Current),
        new TokensCheck(),
        new NamesCheck(),
    ];

    /// <summary>All of them. One that fails itself is a problem, and the others go on.</summary>
    public static async Task<IReadOnlyList<HealthReport>> RunAsync(Installation at, IEnumerable<IHealthCheck> checks, CancellationToken cancel)
    {
        var reports = new List<HealthReport>();
        foreach (var check in checks)
            reports.Add(new HealthReport(check.Name, await LookAsync(check, at, cancel)));
        return reports;
    }

    private static async ValueTask<IReadOnlyList<HealthLine>> LookAsync(IHealthCheck check, Installation at, CancellationToken cancel)
    {
        try
        {
            return await check.LookAsync(at, cancel);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return [HealthLine.Problem($"could not be looked at: {e.Message}", "")];
        }
    }
}
