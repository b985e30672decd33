using System.Collections.Concurrent;
using System.Security.Cryptography;
using Oktsec.Core.Identity;
using Oktsec.Core.Pipeline;
using Oktsec.Core.Policy;
using Oktsec.Mcp.Envelope;
using Oktsec.Scanning;

namespace Oktsec.Gateway;

/// <summary>Who looks at what is offered.</summary>
/// <param name="Principal">The agent.</param>
/// <param name="Session">How records name its session.</param>
internal sealed record Viewer(Principal Principal, string Session);

/// <summary>Judges what backends offer, each definition once per policy and set of other backends' names: lists are asked for often and change seldom.</summary>
internal sealed class Offers(SecurityPipeline definitions, Recorder recorder, TimeProvider time)
{
    /// <summary>20,000 offers: a hundred backends with two hundred definitions each; beyond it the memory starts anew.</summary>
    private const int Most = 20_000;

    private readonly ConcurrentDictionary<Key, Judged> _judged = new();

    /// <summary>Turns the items of one backend into offers for a session; denied ones are marked poisoned and recorded at first sight.</summary>
    public async ValueTask<IReadOnlyList<Offer>> JudgeAsync(
        ListKind kind, string backend, IReadOnlyList<ListItem> items, GatewaySession session, PolicySnapshot policies, NameBook names)
    {
        var offers = new List<Offer>(items.Count);
        foreach (var item in items)
        {
            var exposed = kind.IsNamed
                ? session.Catalogue.Expose(kind, backend, item.Key, names.Exposed(backend, item.Key))
                : session.Catalogue.ExposeUri(kind, backend, item.Key);
            var target = new Target(kind.Target, exposed, backend, item.Key, !kind.IsNamed || names.IsUnique(item.Key));
            offers.Add(await JudgeAsync(kind, target, item, new Viewer(session.Principal, session.RecordId), policies, names.OtherThan(backend)));
        }
        return offers;
    }

    /// <summary>The offer that one item is, under the name it is exposed by.</summary>
    /// <param name="kind">The list it stands in.</param>
    /// <param name="target">What it is to policy.</param>
    /// <param name="item">The item as it came.</param>
    /// <param name="viewer">Who asked for it.</param>
    /// <param name="policies">The policy to judge by.</param>
    /// <param name="others">Names of other backends' tools: what imitates or steers one shows only once that one is known.</param>
    public async ValueTask<Offer> JudgeAsync(
        ListKind kind, Target target, ListItem item, Viewer viewer, PolicySnapshot policies, IReadOnlyCollection<string> others)
    {
        var key = new Key(kind, target, Convert.ToHexString(SHA256.HashData(item.Bytes.Span)), policies);
        var known = _judged.GetValueOrDefault(key);
        return known is not null && ReferenceEquals(known.Others, others) ? known.Offer : await JudgeAsync(key, item, viewer, known, others);
    }

    /// <summary>Forgets everything judged under an earlier policy.</summary>
    public void Clear() => _judged.Clear();

    private async ValueTask<Offer> JudgeAsync(Key key, ListItem page, Viewer viewer, Judged? before, IReadOnlyCollection<string> others)
    {
        // A copy of its own: the offer outlives the page it came with.
        var bytes = page.Bytes.ToArray();
        var item = page with { Bytes = bytes, InputSchema = Handshakes.Slice(bytes, JsonMembers.Find(bytes, "inputSchema"u8)) };
        var call = new CallContext
        {
            Policies = key.Policies,
            Principal = viewer.Principal,
            Policy = key.Policies.PolicyOf(viewer.Principal),
            Method = key.Kind.Method,
            IsRequest = false,
            Target = key.Target,
            Content = bytes,
            Place = Place.Definition,
            Hints = new ScanHints { Tool = item.Key, InputSchema = item.InputSchema, OtherTools = others },
            Timestamp = time.GetTimestamp(),
        };
        var decision = definitions.Evaluate(call);
        var offer = new Offer(key.Target, item, !decision.IsAllowed, Listed(item, key.Target.Name, decision));
        if (_judged.Count >= Most)
            _judged.Clear();
        var now = new Judged(offer, others);
        var isNews = before is null ? _judged.TryAdd(key, now) : _judged.TryUpdate(key, now, before) && before.Offer.IsPoisoned != offer.IsPoisoned;
        if (isNews && (decision.Findings.Count > 0 || decision.Reason != DenyReason.None))
            await recorder.WriteAsync(recorder.Entry(call, decision, viewer.Session) with { Direction = "server" }, decision);
        return offer;
    }

    private static ReadOnlyMemory<byte> Listed(ListItem item, string exposed, Decision decision)
    {
        if (exposed == item.Key && decision.Edits.Count == 0)
            return item.Bytes;
        var edits = decision.Edits.Select(e => new Edit(new ByteRange(e.Start, e.Length), e.Replacement)).ToList();
        if (exposed != item.Key)
        {
            edits.RemoveAll(e => e.Range.End > item.KeyRange.Start && e.Range.Start < item.KeyRange.End);
            edits.Add(new Edit(item.KeyRange, JsonText.Quote(exposed)));
        }
        edits.Sort((a, b) => a.Range.Start.CompareTo(b.Range.Start));
        return Splice.ToArray(item.Bytes.Span, edits.ToArray());
    }

    private sealed record Judged(Offer Offer, IReadOnlyCollection<string> Others);

    private sealed record Key(ListKind Kind, Target Target, string Hash, PolicySnapshot Policies);
}
