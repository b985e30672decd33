using Oktsec.Core.Pipeline;
using Oktsec.Core.Policy;
using Oktsec.Mcp.Backends;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Gateway;

/// <summary>What a request is for, and where the name stands in it that the backend must see as its own.</summary>
/// <param name="Target">The tool, prompt or resource; <see cref="Target.None"/> for methods that name none.</param>
/// <param name="NameRange">The raw token of the exposed name.</param>
/// <param name="Offer">What is known of it, or null.</param>
internal sealed record Found(Target Target, ByteRange NameRange, Offer? Offer)
{
    public static Found Nothing { get; } = new(Target.None, default, null);

    /// <summary>The task, for a request about one that this session knows.</summary>
    public KnownTask? Task { get; init; }

    /// <summary>The name to put in its place; null when it stays.</summary>
    public string? OwnName => Target.Exists && Target.OwnName != Target.Name ? Target.OwnName : null;
}

/// <summary>Finds the backend a request is for, by the session's own view of what is offered.</summary>
internal sealed class TargetFinder(ListGatherer gatherer, TimeProvider time)
{
    /// <summary>An unknown name makes us ask the backends again, but not more often than this per session: a server may add a tool without saying so.</summary>
    private static readonly TimeSpan s_askAgain = TimeSpan.FromSeconds(5);

    public async ValueTask<Found> FindAsync(GatewaySession session, RpcMessage message, PolicySnapshot policies, CancellationToken cancel)
    {
        switch (message.Method)
        {
            case Methods.ToolsCall:
                return await NamedAsync(session, ListKind.Tools, message.NameText!, message.Name, policies, cancel);
            case Methods.PromptsGet:
                return await NamedAsync(session, ListKind.Prompts, message.NameText!, message.Name, policies, cancel);
            case Methods.ResourcesRead or Methods.ResourcesSubscribe or Methods.ResourcesUnsubscribe:
                return await ResourceAsync(session, message.UriText ?? "", message.Uri, policies, cancel);
            case Methods.Complete when !message.Reference.IsEmpty:
                return await ReferenceAsync(session, message, policies, cancel);
            case var method when TaskIds.IsOfOneTask(method):
                return OfTask(session, message);
            default:
                return Found.Nothing;
        }
    }

    // A task is the tool it was created by: what hides or limits the tool, hides and limits what is fetched of it later.
    private static Found OfTask(GatewaySession session, RpcMessage message)
    {
        var range = TaskIds.InParams(message);
        return TaskIds.Text(message, range) is { } id && session.Tasks.Find(id) is { } task
            ? new Found(task.Target, range, session.Catalogue.Find(ListKind.Tools, task.Target.Name)) { Task = task }
            : Found.Nothing;
    }

    /// <summary>Asks the backends that have not been heard yet, as for a name that nobody knows; not more often.</summary>
    public async ValueTask SettleAsync(GatewaySession session, TargetKind kind, PolicySnapshot policies, CancellationToken cancel)
    {
        var list = ListKind.OfTarget(kind)!;
        if (session.Slots.Any(s => !session.Catalogue.Knows(list, s.Name)) && Asking(session, list, policies) is { } asking)
            await WaitAsync(session, asking, cancel);
    }

    private async ValueTask<Found> ReferenceAsync(GatewaySession session, RpcMessage message, PolicySnapshot policies, CancellationToken cancel)
    {
        if (!TryReadReference(message, out var isPrompt, out var name, out var range))
            return new Found(Target.Missing(TargetKind.Prompt, ""), default, null);
        return isPrompt
            ? await NamedAsync(session, ListKind.Prompts, name, range, policies, cancel)
            : await ResourceAsync(session, name, range, policies, cancel);
    }

    /// <summary>What completion/complete refers to: a prompt or a resource template.</summary>
    public static bool TryReadReference(RpcMessage message, out bool isPrompt, out string name, out ByteRange range)
    {
        var reference = message.Span(message.Reference);
        isPrompt = JsonMembers.Text(reference, "type"u8) == "ref/prompt";
        range = JsonMembers.Find(reference, isPrompt ? "name"u8 : "uri"u8);
        name = "";
        if (range.IsEmpty || reference[range.Start] != '"')
            return false;
        name = JsonText.Decode(reference.Slice(range.Start, range.Length));
        range = range with { Start = message.Reference.Start + range.Start };
        return true;
    }

    private async ValueTask<Found> NamedAsync(
        GatewaySession session, ListKind kind, string name, ByteRange range, PolicySnapshot policies, CancellationToken cancel)
    {
        var offer = session.Catalogue.Find(kind, name);
        IReadOnlyList<BackendSlot>? asked = null;
        // Again where those that were asked have been replaced meanwhile.
        while (offer is null && session.Slots is var slots && slots != asked && Asking(session, kind, policies) is { } asking)
        {
            asked = slots;
            await WaitAsync(session, asking, cancel);
            offer = session.Catalogue.Find(kind, name);
        }
        offer ??= session.Catalogue.Find(kind, name); // another call may have asked between our look and our asking
        return offer is null || offer.IsPoisoned
            ? new Found(Target.Missing(kind.Target, name), range, null)
            : new Found(offer.Target, range, offer);
    }

    /// <summary>The resource an agent means by a URI.</summary>
    public ValueTask<Found> FindResourceAsync(GatewaySession session, string uri, PolicySnapshot policies, CancellationToken cancel) =>
        ResourceAsync(session, uri, default, policies, cancel);

    private async ValueTask<Found> ResourceAsync(GatewaySession session, string uri, ByteRange range, PolicySnapshot policies, CancellationToken cancel)
    {
        if (uri.StartsWith("oktsec://", StringComparison.Ordinal))
            return new Found(Aliased(session, uri), range, null);
        // Also while some backends are down: what they offered before counts, and what was never heard of one may be its own.
        var candidates = new List<BackendSlot>();
        var isAnyUnknown = false;
        foreach (var slot in session.Slots)
        {
            var offers = await OffersResourcesAsync(session, slot, cancel);
            isAnyUnknown |= offers is null;
            if (offers == true)
                candidates.Add(slot);
        }
        if (session.Catalogue.Find(ListKind.Resources, uri) is null && (candidates.Count > 1 || AreUnheard(session, ListKind.Resources))
            && Asking(session, ListKind.Resources, policies) is { } asking)
            await WaitAsync(session, asking, cancel);
        if (session.Catalogue.Find(ListKind.Resources, uri) is { } offer)
            return offer.IsPoisoned ? new Found(Target.Missing(TargetKind.Resource, uri), range, null) : new Found(offer.Target, range, offer);
        // Not in any list: the one whose template fits, else the only one that can have resources at all. Asked of another, a URI would be told, and
        // answered, by somebody whose it is not.
        var owner = candidates.Count == 1 && !isAnyUnknown ? candidates[0] : candidates.FirstOrDefault(s => FitsTemplate(session, s, uri));
        return new Found(owner is null ? Target.Missing(TargetKind.Resource, uri) : new Target(TargetKind.Resource, uri, owner.Name, uri, true), range, null);
    }

    private static bool AreUnheard(GatewaySession session, ListKind kind) =>
        session.Slots.Count > 1 && session.Slots.Any(s => !session.Catalogue.Knows(kind, s.Name));

    // Of one that is down, what it offered before counts: what it has may be unavailable, but is not nonexistent. Null when nobody knows.
    private async ValueTask<bool?> OffersResourcesAsync(GatewaySession session, BackendSlot slot, CancellationToken cancel)
    {
        try
        {
            return (slot.Current ?? await slot.ConnectAsync(cancel)).Offers("resources");
        }
        catch (BackendUnavailableException)
        {
            return session.Slots.Count == 1 ? true : slot.Health.OffersResources ?? gatherer.OfferedResources(slot.Name);
        }
    }

    private static bool FitsTemplate(GatewaySession session, BackendSlot slot, string uri) =>
        session.Catalogue.InOrder(ListKind.Templates, slot.Name).Any(o => !o.IsPoisoned && UriTemplate.Fits(o.Target.OwnName, uri));

    private static Target Aliased(GatewaySession session, string uri)
    {
        var rest = uri.AsSpan("oktsec://".Length);
        var slash = rest.IndexOf('/');
        if (slash <= 0 || session.Slot(rest[..slash].ToString()) is not { } slot)
            return Target.Missing(TargetKind.Resource, uri);
        var own = Uri.UnescapeDataString(rest[(slash + 1)..].ToString());
        // The other way to say it must not reach what was hidden under its own name.
        return session.Catalogue.InOrder(ListKind.Resources, slot.Name).Any(o => o.IsPoisoned && o.Target.OwnName == own)
            ? Target.Missing(TargetKind.Resource, uri)
            : new Target(TargetKind.Resource, uri, slot.Name, own, false);
    }

    // Whoever comes while the backends are being asked waits for the answer too: two calls at the very start are no reason to know nothing.
    private Task? Asking(GatewaySession session, ListKind kind, PolicySnapshot policies)
    {
        lock (session.AskedAt)
        {
            if (session.AskedAt.TryGetValue(kind, out var asked) && (!asked.Answer.IsCompleted || time.GetElapsedTime(asked.At) < s_askAgain))
                return asked.Answer.IsCompleted ? null : asked.Answer;
            var answer = Task.Run(() => GatherAsync(session, kind, policies));
            session.AskedAt[kind] = (time.GetTimestamp(), answer);
            return answer;
        }
    }

    // When the session ends meanwhile, what is known by then is all there is to know.
    private static async Task WaitAsync(GatewaySession session, Task asking, CancellationToken cancel)
    {
        try
        {
            await asking.WaitAsync(cancel);
        }
        catch (OperationCanceledException) when (session.Closing.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
        }
    }

    private async Task GatherAsync(GatewaySession session, ListKind kind, PolicySnapshot policies)
    {
        await gatherer.GatherAsync(session, kind, policies, session.Closing);
        if (kind == ListKind.Resources)
            await gatherer.GatherAsync(session, ListKind.Templates, policies, session.Closing);
    }
}

/// <summary>Whether a URI could come from a template (RFC 6570): literal parts in order, expressions match anything but white space.</summary>
internal static class UriTemplate
{
    public static bool Fits(string template, string uri)
    {
        var pattern = new System.Text.StringBuilder();
        for (var i = 0; i < template.Length; i++)
        {
            var end = template[i] == '{' ? template.IndexOf('}', i) : -1;
            pattern.Append(end < 0 ? template[i] : '*');
            i = end < 0 ? i : end;
        }
        return pattern.ToString() is var glob && new Glob(glob).Matches(uri);
    }
}
