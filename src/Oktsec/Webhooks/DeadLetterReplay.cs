using System.Security.Cryptography;
using System.Text.Json;
using Oktsec.Core.Configuration;
using Oktsec.Storage;

namespace Oktsec.Webhooks;

/// <summary>What became of one letter.</summary>
/// <param name="Error">Null when it was taken and is gone from the store.</param>
internal readonly record struct Replayed(DeadLetter Letter, string? Error);

/// <summary>Sends dead letters again, as the configuration of now says: its URL, its form, its templates.</summary>
internal sealed class DeadLetterReplay(OktsecConfig config, IDeadLetterStore store, TimeProvider time)
{
    private readonly NotifyTargets _targets = new(config);

    /// <summary>Oldest first, once each. A webhook that may recover later is left alone after its first failure: each further one could take as long.</summary>
    public async IAsyncEnumerable<Replayed> RunAsync(IEnumerable<DeadLetter> letters, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        using var sender = new WebhookSender(time);
        var failing = new HashSet<string>(StringComparer.Ordinal);
        foreach (var letter in letters.OrderBy(l => l.Sequence))
        {
            if (failing.Contains(letter.Webhook))
            {
                yield return new Replayed(letter, "not tried: the webhook did not take the one before");
                continue;
            }
            var (attempt, isSent) = await SendAsync(sender, letter, cancel);
            if (attempt.Error is null)
                await store.RemoveDeadLetterAsync(letter.Sequence, cancel);
            else if (isSent)
                await store.UpdateDeadLetterAsync(letter.Sequence, letter.Attempts + 1, attempt.Error, cancel);
            if (attempt.MayRetry)
                failing.Add(letter.Webhook);
            yield return new Replayed(letter, attempt.Error);
        }
    }

    private async Task<(Attempt Attempt, bool IsSent)> SendAsync(WebhookSender sender, DeadLetter letter, CancellationToken cancel)
    {
        if (ReadEvent(letter.Body) is not { } e)
            return (new Attempt("the event cannot be read"), false);
        var targets = _targets.All.Where(t => t.Name == letter.Webhook).DistinctBy(t => t.Identity).ToList();
        if (targets.Count != 1)
        {
            return (new Attempt(targets.Count == 0
                ? "the configuration has no webhook of this name"
                : "several URLs of the configuration look like this: give each a name under webhooks:"), false);
        }
        var body = targets[0].Format.Write(e, _targets.TemplateFor(e));
        var delivery = RandomNumberGenerator.GetHexString(16, lowercase: true);
        return (await sender.PostAsync(targets[0], e.Kind, delivery, body, cancel), true);
    }

    /// <summary>The event of a letter, as <see cref="JsonPayload"/> wrote it; null when it is damaged.</summary>
    internal static WebhookEvent? ReadEvent(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            var root = json.RootElement;
            return new WebhookEvent
            {
                Kind = Text(root, "event"),
                Time = root.GetProperty("timestamp").GetDateTimeOffset(),
                AuditId = Text(root, "message_id"),
                Agent = Text(root, "from"),
                To = Text(root, "to"),
                Tool = Text(root, "tool"),
                Backend = Text(root, "backend"),
                Decision = Text(root, "decision"),
                Detail = Text(root, "detail"),
                HeldId = Text(root, "held_id"),
                Link = Text(root, "link"),
                Findings = FindingsJson.Read(System.Text.Encoding.UTF8.GetBytes(root.GetProperty("findings").GetRawText())),
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            return null;
        }
    }

    private static string Text(JsonElement root, string name) => root.GetProperty(name).GetString() ?? "";
}
