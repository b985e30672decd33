using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Oktsec.Core.Audit;
using Oktsec.Core.Identity;
using Oktsec.Core.Pipeline;
using Oktsec.Core.Policy;
using Oktsec.Gateway;
using Oktsec.Mcp.Envelope;
using Oktsec.Scanning;

namespace Oktsec.StdioProxy;

/// <summary>What each direction is judged by; swapped whole when the configuration changes.</summary>
/// <param name="Calls">For what either side asks or tells: enforced with <c>--enforce</c>.</param>
/// <param name="Answers">For what the server answers: enforced only with <c>--inspect-responses</c> too, else the record says what would have been done.</param>
internal sealed record ProxyPolicies(PolicySnapshot Calls, PolicySnapshot Answers)
{
    /// <summary>Whether anything is ever held back or changed; else every byte passes as it came.</summary>
    public bool IsEnforcing => !Calls.IsObserving;
}

/// <summary>A request of the agent that the server has not answered yet.</summary>
internal sealed record OpenCall(string Method, Target Target, ScanHints Hints, AuditEntry Entry, Decision Decision, byte[] Id, long Sent);

/// <summary>The one session of a proxy: one agent, one server, and what both directions must know of each other.</summary>
internal sealed class ProxySession(Principal principal, ProxyPolicies policies)
{
    /// <summary>10,000 requests without an answer: no client waits for more, and a server that answers none must not fill the memory.</summary>
    public const int MostCalls = 10_000;

    /// <summary>256 unanswered questions, as at the gateway.</summary>
    public const int MostQuestions = 256;

    private ProxyPolicies _policies = policies;

    public Principal Principal { get; } = principal;

    /// <summary>The server goes by the agent's name: in a client's configuration they are the same entry.</summary>
    public string Backend => Principal.Agent;

    /// <summary>How records name the session.</summary>
    public string RecordId { get; } = RandomNumberGenerator.GetHexString(16, lowercase: true);

    /// <summary>The current policies: read once per message.</summary>
    public ProxyPolicies Policies
    {
        get => Volatile.Read(ref _policies);
        set => Volatile.Write(ref _policies, value);
    }

    /// <summary>By <see cref="RpcIds.Key"/> of the agent's id.</summary>
    public ConcurrentDictionary<string, OpenCall> Calls { get; } = new(StringComparer.Ordinal);

    /// <summary>Takes out the call that an answer with this id answers.</summary>
    public bool TryAnswer(ReadOnlySpan<byte> id, [NotNullWhen(true)] out OpenCall? call) =>
        Calls.TryRemove(RpcIds.Key(id), out call) || Calls.TryRemove(RpcIds.Key(RpcIds.Unquoted(id)), out call);

    /// <summary>Whether an answer is due. A stream of changes has none until one side ends it (MCP 2026-07-28, Subscriptions).</summary>
    public bool AwaitsAnswer => Calls.Values.Any(call => call.Method != Methods.Listen);

    /// <summary>Methods of the server's own requests, by <see cref="RpcIds.Key"/> of its id.</summary>
    public ConcurrentDictionary<string, string> Questions { get; } = new(StringComparer.Ordinal);

    /// <summary>What the server has listed.</summary>
    public ConcurrentDictionary<(ListKind Kind, string Name), Offer> Offers { get; } = new();

    /// <summary>What a request is for, by the names the server itself uses.</summary>
    public Target TargetOf(RpcMessage message) => message.Method switch
    {
        Methods.ToolsCall => Of(ListKind.Tools, message.NameText!),
        Methods.PromptsGet => Of(ListKind.Prompts, message.NameText!),
        Methods.ResourcesRead or Methods.ResourcesSubscribe or Methods.ResourcesUnsubscribe => Of(ListKind.Resources, message.UriText ?? ""),
        Methods.Complete when !message.Reference.IsEmpty => TargetFinder.TryReadReference(message, out var isPrompt, out var name, out _)
            ? Of(isPrompt ? ListKind.Prompts : ListKind.Resources, name)
            : Target.Missing(TargetKind.Prompt, ""),
        _ => Target.None,
    };

    /// <summary>Ends a call that gets no answer.</summary>
    public static async ValueTask EndAsync(OpenCall call, string why, Recorder recorder)
    {
        call.Decision.Dispose();
        var failure = Failure.Of(DenyReason.OutcomeUnknown, why);
        await recorder.WriteAsync(call.Entry, recorder.Outcome(call.Entry, failure, call.Decision, Held.Nothing), failure);
    }

    public Target Named(ListKind kind, string name) => new(kind.Target, name, Backend, name, true);

    public Offer? OfferOf(Target target) => ListKind.OfTarget(target.Kind) is { } kind ? Offers.GetValueOrDefault((kind, target.Name)) : null;

    // A definition that was taken out of the list can not be called either.
    private Target Of(ListKind kind, string name) =>
        Offers.GetValueOrDefault((kind, name)) is { IsPoisoned: true } ? Target.Missing(kind.Target, name) : Named(kind, name);
}
