using System.Buffers;
using System.Text;
using System.Text.Json;
using Oktsec.Commands;
using Oktsec.Core.Pipeline;
using Oktsec.Core.Policy;
using Oktsec.Mcp.Backends;
using Oktsec.Mcp.Envelope;
using Oktsec.Mcp.Http;
using Oktsec.Scanning;

namespace Oktsec.Gateway;

/// <summary>Answers initialize: one gateway's word for many backends, and with exactly one backend that backend's own.</summary>
internal sealed class Initializer(SecurityPipeline definitions, Recorder recorder, TimeProvider time)
{
    /// <summary>10 s: with several backends the agent is not kept waiting for the slowest start (30 s); latecomers announce themselves by list_changed.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <summary>The raw result for a fresh session whose slots are set.</summary>
    public async Task<ReadOnlyMemory<byte>> ResultAsync(GatewaySession session, PolicySnapshot policies)
    {
        var (ready, vetted) = await ReadyAsync(session, policies);
        if (session.Slots.Count == 1 && vetted.Count == 1)
            return Own(vetted[0].Handshake!, session.Revision);
        // A backend that is not there yet may offer anything: better a capability too many than a tool that is never asked for.
        return Joined(session.Revision, ready, vetted, isPartial: ready.Count < session.Slots.Count);
    }

    /// <summary>The backends that are there, after some patience, and those among them that say nothing poisonous of themselves.</summary>
    public async Task<(List<IBackend> Ready, List<IBackend> Vetted)> ReadyAsync(GatewaySession session, PolicySnapshot policies, TimeSpan? patience = null)
    {
        var connections = session.Slots.Select(TryConnectAsync).ToArray();
        var all = Task.WhenAll(connections);
        if (connections.Length > 1 || patience is not null)
            await Task.WhenAny(all, Task.Delay(patience ?? s_patience, time, session.Closing));
        else
            await all;
        var ready = connections.Where(c => c.IsCompletedSuccessfully && c.Result is not null).Select(c => c.Result!).ToList();
        var vetted = new List<IBackend>();
        foreach (var backend in ready)
        {
            if (await IsCleanAsync(session, backend, policies))
                vetted.Add(backend);
        }
        return (ready, vetted);
    }

    private static async Task<IBackend?> TryConnectAsync(BackendSlot slot)
    {
        try
        {
            return await slot.ConnectAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is BackendUnavailableException or OperationCanceledException or ObjectDisposedException)
        {
            return null;
        }
    }

    // Instructions, names and titles reach the model before any call ("line jumping"): they are judged like a tool's definition.
    private async ValueTask<bool> IsCleanAsync(GatewaySession session, IBackend backend, PolicySnapshot policies)
    {
        var call = new CallContext
        {
            Policies = policies,
            Principal = session.Principal,
            Policy = policies.PolicyOf(session.Principal),
            Method = Methods.Initialize,
            IsRequest = false,
            Target = new Target(TargetKind.None, "", backend.Name, "", true),
            Content = backend.Handshake!.Result(),
            Place = Place.Definition,
            Timestamp = time.GetTimestamp(),
        };
        var decision = definitions.Evaluate(call);
        if (decision.Reason != DenyReason.None || decision.Findings.Count > 0)
            await recorder.WriteAsync(recorder.Entry(call, decision, session) with { Direction = "server" }, decision);
        return decision.IsAllowed && decision.Edits.Count == 0;
    }

    private static ReadOnlyMemory<byte> Own(BackendHandshake handshake, string revision)
    {
        var result = handshake.Result();
        var edits = new List<Edit>();
        if (handshake.Discovered is not null && JsonMembers.Find(result.Span, "capabilities"u8) is { IsEmpty: false } capabilities)
            Outgoing.Put(edits, capabilities, SessionView.Capabilities(result.Slice(capabilities)));
        if (handshake.ProtocolVersion != revision && JsonMembers.Find(result.Span, "protocolVersion"u8) is { IsEmpty: false } version)
            Outgoing.Put(edits, version, JsonText.Quote(revision));
        return edits.Count == 0 ? result : Splice.ToArray(result.Span, edits.ToArray());
    }

    private static byte[] Joined(string revision, List<IBackend> ready, List<IBackend> vetted, bool isPartial)
    {
        var output = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(output, RelaxedJson.Options);
        json.WriteStartObject();
        json.WriteString("protocolVersion", revision);
        json.WriteStartObject("capabilities");
        Capabilities(json, ready, isPartial);
        if (revision == "2025-11-25" && ready.Any(b => b.Offers("tasks")))
            Tasks(json, ready);
        json.WriteEndObject();
        json.WritePropertyName("serverInfo");
        Ourselves(json);
        if (Instructions(vetted) is { Length: > 0 } instructions)
            json.WriteString("instructions", instructions);
        json.WriteEndObject();
        json.Flush();
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Who we say we are.</summary>
    internal static void Ourselves(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("name", "oktsec");
        json.WriteString("version", VersionCommand.Version);
        json.WriteEndObject();
    }

    /// <summary>The members of <c>capabilities</c> that all revisions have: what one of them offers is offered.</summary>
    internal static void Capabilities(Utf8JsonWriter json, List<IBackend> ready, bool isPartial)
    {
        bool Any(string capability) => isPartial || ready.Any(b => b.Offers(capability));
        if (Any("tools"))
            Changing(json, "tools", subscribe: false);
        if (Any("resources"))
            Changing(json, "resources", subscribe: isPartial || ready.Any(CanSubscribe));
        if (Any("prompts"))
            Changing(json, "prompts", subscribe: false);
        if (Any("logging"))
            Empty(json, "logging");
        if (Any("completions"))
            Empty(json, "completions");
    }

    internal static bool CanSubscribe(IBackend backend) =>
        backend.Handshake!.Capability("resources") is { IsEmpty: false } resources
        && JsonMembers.Find(resources.Span, "subscribe"u8) is { IsEmpty: false } range && resources.Span[range.Start] == 't';

    internal static string Instructions(List<IBackend> backends)
    {
        var text = new StringBuilder();
        foreach (var backend in backends)
        {
            if (JsonMembers.Text(backend.Handshake!.Result().Span, "instructions"u8) is { Length: > 0 } own)
                text.Append(text.Length > 0 ? "\n\n" : "").Append("# ").Append(backend.Name).Append('\n').Append(own);
        }
        return text.ToString();
    }

    private static void Changing(Utf8JsonWriter json, string name, bool subscribe)
    {
        json.WriteStartObject(name);
        if (subscribe)
            json.WriteBoolean("subscribe", true);
        json.WriteBoolean("listChanged", true);
        json.WriteEndObject();
    }

    // What one of them can do with tasks is declared; each tool says for itself whether it takes them (execution.taskSupport).
    private static void Tasks(Utf8JsonWriter json, List<IBackend> ready)
    {
        bool Any(ReadOnlySpan<byte> member)
        {
            foreach (var backend in ready)
            {
                if (backend.Handshake!.Capability("tasks") is { IsEmpty: false } tasks && !JsonMembers.Find(tasks.Span, member).IsEmpty)
                    return true;
            }
            return false;
        }
        json.WriteStartObject("tasks");
        if (Any("list"u8))
            Empty(json, "list");
        if (Any("cancel"u8))
            Empty(json, "cancel");
        if (Any("requests"u8))
        {
            json.WriteStartObject("requests");
            json.WriteStartObject("tools");
            Empty(json, "call");
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void Empty(Utf8JsonWriter json, string name)
    {
        json.WriteStartObject(name);
        json.WriteEndObject();
    }
}
