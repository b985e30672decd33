using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Oktsec.Core.Audit;
using Oktsec.Core.Pipeline;
using Oktsec.Core.Quarantine;

namespace Oktsec.Gateway;

/// <summary>Hears of every record that was written, for webhooks and live views. Must not block.</summary>
internal interface IRecordListener
{
    void OnEntry(AuditEntry entry, Decision decision);

    void OnOutcome(AuditEntry entry, AuditOutcome outcome, Decision? decision);

    /// <summary>A record could not be written.</summary>
    void OnAuditFailed(string reason);

    /// <summary>A backend went down.</summary>
    void OnBackendDown(string backend, string reason);
}

/// <summary>What became of content that was to be held.</summary>
/// <param name="Id">Empty when it is not held.</param>
/// <param name="Note">Why it is not, though it should be; empty otherwise. For the agent and the record.</param>
internal readonly record struct Held(string Id, string Note)
{
    public static Held Nothing { get; } = new("", "");

    public AuditEntry Mark(AuditEntry entry) => entry with { HeldId = Id, Detail = Note.Length > 0 ? Note : entry.Detail };
}

/// <summary>Writes what was decided, before anything is forwarded or delivered: no record, no call.</summary>
internal sealed partial class Recorder(
    IAuditStore store, IQuarantineStore quarantine, IRecordListener listener, Func<ReadOnlyMemory<byte>, string> hashArguments, TimeProvider time,
    ILogger<Recorder> logger)
{
    /// <summary>512 characters of a name or URI are recorded.</summary>
    private const int MaxNameLength = 512;

    /// <summary>Which door this is, as records name it.</summary>
    public string Door { get; init; } = "gateway";

    /// <summary>The entry of a message as it was decided.</summary>
    public AuditEntry Entry(CallContext call, Decision decision, GatewaySession? session) => Entry(call, decision, session?.RecordId ?? "");

    /// <summary>The same for a session that is known by how records name it.</summary>
    public AuditEntry Entry(CallContext call, Decision decision, string session) => new()
    {
        Id = RecordIds.New(),
        Time = time.GetUtcNow(),
        Door = Door,
        Agent = call.Principal.Agent,
        IdentifiedBy = call.Principal.Method.ToString().ToLowerInvariant(),
        Session = session,
        Backend = call.Target.Backend,
        Method = Short(call.Method),
        Target = Short(call.Target.Name),
        Decision = decision.Word,
        Status = decision.Status,
        Findings = decision.RecordedFindings,
        Detail = decision.Detail,
    };

    /// <summary>What is recorded at the end: the response's decision when it says more than allow, else the request's.</summary>
    public AuditOutcome Outcome(AuditEntry entry, Decision response, Decision request, Held held) => new()
    {
        Id = entry.Id,
        EntrySequence = entry.Sequence,
        Time = time.GetUtcNow(),
        Decision = response.Word == DenyReasons.Allow ? request.Word : response.Word,
        Status = response.Status,
        Findings = response.RecordedFindings,
        HeldId = held.Id,
        Detail = held.Note.Length > 0 ? held.Note : response.Detail,
    };

    // A name is the agent's to choose; a record keeps as much of it as a person reads.
    public static string Short(string name) => name.Length <= MaxNameLength ? name : name[..MaxNameLength];

    public string HashArguments(ReadOnlyMemory<byte> arguments) => arguments.IsEmpty ? "" : hashArguments(arguments);

    /// <summary>Writes an entry. False means: it is required and was not written, so go no further.</summary>
    public async ValueTask<bool> WriteAsync(AuditEntry entry, Decision decision)
    {
        try
        {
            await store.AppendAsync(entry, CancellationToken.None);
        }
        catch (AuditUnavailableException e)
        {
            return Failed(e, decision.IsObserved);
        }
        listener.OnEntry(entry, decision);
        return true;
    }

    /// <summary>Writes a record for each question that a message asks without being a request: it says what a request would have said. False means the same.</summary>
    /// <param name="call">The message.</param>
    /// <param name="decision">What was decided of it.</param>
    /// <param name="session">How records name its session.</param>
    /// <param name="backend">Who asks.</param>
    /// <param name="methods">The questions: <see cref="InputQuestions.Of"/>.</param>
    public async ValueTask<bool> WriteQuestionsAsync(CallContext call, Decision decision, string session, string backend, IReadOnlyList<string> methods)
    {
        var isWritten = true;
        foreach (var method in methods)
        {
            var entry = Entry(call, decision, session) with { Method = Short(method), Target = "", Backend = backend, Direction = "server" };
            isWritten &= await WriteAsync(entry, decision);
        }
        return isWritten;
    }

    /// <summary>Writes the outcome of an entry. False means: it is required and was not written, so deliver nothing.</summary>
    /// <param name="entry">The entry it belongs to.</param>
    /// <param name="outcome">How it ended.</param>
    /// <param name="decision">What was decided of the response.</param>
    /// <param name="isObserved">Whether the door only observes; null when the decision says it.</param>
    public async ValueTask<bool> WriteAsync(AuditEntry entry, AuditOutcome outcome, Decision decision, bool? isObserved = null)
    {
        try
        {
            await store.AppendAsync(outcome, CancellationToken.None);
        }
        catch (AuditUnavailableException e)
        {
            return Failed(e, isObserved ?? decision.IsObserved);
        }
        listener.OnOutcome(entry, outcome, decision);
        return true;
    }

    /// <summary>Holds content for a person. Whether or not that works, it stays denied.</summary>
    public async ValueTask<Held> HoldAsync(AuditEntry entry, CallContext call, Decision decision, string what, ReadOnlyMemory<byte> content)
    {
        if (decision.Reason != DenyReason.ContentQuarantined || decision.IsObserved)
            return Held.Nothing;
        var now = time.GetUtcNow();
        var config = call.Policies.Config.Quarantine;
        var item = new HeldItem
        {
            Id = "q-" + RandomNumberGenerator.GetHexString(8, lowercase: true),
            Time = now,
            Expires = now + config.Expiry,
            AuditId = entry.Id,
            Agent = entry.Agent,
            Backend = entry.Backend,
            Target = entry.Target.Length > 0 ? entry.Target : entry.Method,
            What = what,
            ArgumentsHash = entry.ArgumentsHash,
            Findings = decision.RecordedFindings,
        };
        try
        {
            if (await quarantine.HoldAsync(item, content, config.MaxBytes, CancellationToken.None))
                return new Held(item.Id, "");
            Log.Full(logger, entry.Id, config.MaxBytes);
            return new Held("", "not kept: the quarantine is full (quarantine.max_bytes)");
        }
        catch (AuditUnavailableException e)
        {
            Log.NotHeld(logger, entry.Id, e);
            return new Held("", "not kept: the quarantine cannot be written");
        }
    }

    public void BackendDown(string backend, string reason)
    {
        Log.BackendDown(logger, backend, reason);
        listener.OnBackendDown(backend, reason);
    }

    private bool Failed(AuditUnavailableException e, bool isObserved)
    {
        Log.NotWritten(logger, e);
        listener.OnAuditFailed(e.Message);
        return isObserved || !IsRequired();
    }

    private bool IsRequired() => Required;

    /// <summary><c>audit.mode</c>: set from each configuration that is loaded.</summary>
    public bool Required { get; set; } = true;

    private static partial class Log
    {
        [LoggerMessage(EventIds.AuditNotWritten, LogLevel.Error, "An audit record could not be written.")]
        public static partial void NotWritten(ILogger logger, Exception e);

        [LoggerMessage(EventIds.NotHeld, LogLevel.Error, "The content of record {Id} could not be held; it stays denied.")]
        public static partial void NotHeld(ILogger logger, string id, Exception e);

        [LoggerMessage(EventIds.QuarantineFull, LogLevel.Error, "The content of record {Id} could not be held, it stays denied: the quarantine is full ({Bytes} bytes, quarantine.max_bytes).")]
        public static partial void Full(ILogger logger, string id, long bytes);

        [LoggerMessage(EventIds.BackendDown, LogLevel.Warning, "Backend {Backend} is down: {Reason}")]
        public static partial void BackendDown(ILogger logger, string backend, string reason);
    }
}
