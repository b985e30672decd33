using System.Text.Json;
using Oktsec.Tests.StdioProxy;
using Oktsec.Tests.Support;

namespace Oktsec.Tests.Conformance;

/// <summary>What one side of a proxy read and wrote, byte for byte.</summary>
internal sealed record RecordedSide(byte[] In, byte[] Out)
{
    public static RecordedSide Read(string folder, string side) =>
        new(File.ReadAllBytes(Path.Combine(folder, side + ".in")), File.ReadAllBytes(Path.Combine(folder, side + ".out")));
}

/// <summary>
/// Two recorders, one on each side of an observing <c>oktsec proxy</c> (<c>tests/conformance/record.sh</c>): what the agent said and heard, and what the
/// server heard and said.
/// </summary>
internal sealed record ProxyRecording(RecordedSide Agent, RecordedSide Server)
{
    /// <summary>Where the recorders write, and the home of the proxies.</summary>
    public static Dictionary<string, string> Environment(TempFolder folder)
    {
        Directory.CreateDirectory(folder["recordings"]);
        return new Dictionary<string, string> { ["RECORDINGS"] = folder["recordings"], ["HOME"] = folder.Path };
    }

    public static string[] Command(string[] server)
    {
        var recorder = Path.Combine(ConformanceSuite.Folder, "record.sh");
        return [recorder, "agent", OktsecProgram.Path, "proxy", "--agent", "tester", "--", recorder, "server", .. server];
    }

    public static IReadOnlyList<ProxyRecording> Read(TempFolder folder) =>
        [.. Directory.GetDirectories(folder["recordings"]).Select(each => new ProxyRecording(RecordedSide.Read(each, "agent"), RecordedSide.Read(each, "server")))];

    /// <summary>How often the agents said each method.</summary>
    public static SortedDictionary<string, int> Said(IEnumerable<ProxyRecording> recordings)
    {
        var said = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var line in recordings.SelectMany(r => System.Text.Encoding.UTF8.GetString(r.Agent.In).Split('\n', StringSplitOptions.RemoveEmptyEntries)))
        {
            using var message = JsonDocument.Parse(line);
            if (message.RootElement.TryGetProperty("method", out var method))
                said[method.GetString()!] = said.GetValueOrDefault(method.GetString()!) + 1;
        }
        return said;
    }

    /// <summary>How often the store has a record of each method from an agent.</summary>
    public static SortedDictionary<string, int> Recorded(TempFolder folder) => new(
        ProxyProcess.RecordsOf(folder[".oktsec/oktsec.db"]).Where(r => r.Entry.Direction == "request").CountBy(r => r.Entry.Method).ToDictionary(),
        StringComparer.Ordinal);
}
