using System.Globalization;
using System.Text;
using System.Text.Json;
using Oktsec.Benchmarks.Measure;

namespace Oktsec.Benchmarks.Compare;

/// <summary>Cells as tables and as JSON.</summary>
internal static class Report
{
    private static readonly string[] _peers = ["mcp-proxy", "supergateway"];

    private static readonly JsonSerializerOptions _json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public static string Json(IReadOnlyList<Cell> cells, Machine machine) => JsonSerializer.Serialize(new { machine, cells }, _json);

    public static string Markdown(IReadOnlyList<Cell> cells, Machine machine)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture,
            $"{machine.Cpu}, {machine.Cores} cores, {machine.Runtime}, load average {machine.LoadAverage} at the start.\n");
        foreach (var group in cells.GroupBy(c => (c.Payload, c.Connections)))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n**{group.Key.Payload}, {group.Key.Connections} connection{(group.Key.Connections == 1 ? "" : "s")}**\n\n");
            text.Append("| | p50 ms | added p50 ms | p99 ms | calls/s | CPU per call µs | echo's CPU µs | load's CPU µs | resident MB | added p50, of better peer's | calls/s, times better peer's |\n");
            text.Append("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n");
            foreach (var cell in group)
                Row(text, cell, group.ToList());
        }
        return text.ToString();
    }

    private static void Row(StringBuilder text, Cell cell, List<Cell> group)
    {
        if (cell.Fault is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {cell.Contender} | {cell.Fault.Replace('|', ' ')} ||||||||||\n");
            return;
        }
        var direct = group.Find(c => c.Contender == "direct" && c.Fault is null);
        var peers = group.FindAll(c => _peers.Contains(c.Contender) && c.Fault is null);
        var added = direct is null ? double.NaN : cell.P50Ms - direct.P50Ms;
        var peersAdded = direct is null || peers.Count == 0 ? double.NaN : peers.Min(p => p.P50Ms) - direct.P50Ms;
        var peersCalls = peers.Count == 0 ? double.NaN : peers.Max(p => p.CallsPerSecond);
        text.Append(CultureInfo.InvariantCulture, $"| {cell.Contender} | {cell.P50Ms:F3} | {added:F3} | {cell.P99Ms:F3} | {cell.CallsPerSecond:F0} |");
        text.Append(CultureInfo.InvariantCulture, $" {cell.CpuUs:F0} | {cell.EchoCpuUs:F0} | {cell.LoadCpuUs:F0} | {cell.ResidentMb:F0} |");
        text.Append(CultureInfo.InvariantCulture, $" {added / peersAdded:F2} | {cell.CallsPerSecond / peersCalls:F2} |\n");
    }
}
