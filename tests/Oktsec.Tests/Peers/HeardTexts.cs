using System.Text.Json.Nodes;

namespace Oktsec.Tests.Peers;

/// <summary>What a server said by itself, as comparable texts.</summary>
internal static class HeardTexts
{
    private const string Progress = "progress of ";

    public static IReadOnlyList<string> ProgressOf(IReadOnlyList<string> texts) =>
        [.. texts.Where(t => t.StartsWith(Progress, StringComparison.Ordinal))];

    /// <param name="heard">As the client received them.</param>
    /// <param name="hasRepeats">See <see cref="WalkPlan.HasRepeats"/>.</param>
    public static IReadOnlyList<string> Of(IReadOnlyList<JsonObject> heard, bool hasRepeats)
    {
        if (hasRepeats)
            heard = [.. heard.DistinctBy(Normalizer.ToText)];
        var texts = new List<string>();
        // Progress of one request comes in order on one stream; everything else may overtake on another one, so that only the set counts.
        foreach (var token in heard.Where(IsProgress).GroupBy(m => m["params"]!["progressToken"]!.ToJsonString()))
            texts.Add($"{Progress}{token.Key}: " + string.Join(" ", token.Select(m => Normalizer.ToText(m["params"]))));
        texts.AddRange(heard.Where(m => !IsProgress(m) && !IsLeftOut(m)).Select(m => Normalizer.ToText(m)).Order(StringComparer.Ordinal));
        return texts;
    }

    private static bool IsProgress(JsonObject m) => (string?)m["method"] == "notifications/progress" && !IsAfterCancel(m);

    private static bool IsLeftOut(JsonObject m) => (string?)m["method"] switch
    {
        // Sent when the list that this client may see changed: the gateway's list has other occasions than the backend's.
        "notifications/tools/list_changed" or "notifications/resources/list_changed" or "notifications/prompts/list_changed" => true,
        // server-everything's simulated log lines: random level, every five seconds.
        "notifications/message" => ((string?)m["params"]?["data"])?.Contains("evel", StringComparison.Ordinal) == true,
        _ => IsAfterCancel(m),
    };

    // The cancelled call: its server goes on, and whether the client still hears it depends on when the cancellation arrives.
    private static bool IsAfterCancel(JsonObject m) =>
        (string?)m["method"] == "notifications/progress" && (double?)m["params"]?["total"] == PeerServers.CancelledSteps;
}
