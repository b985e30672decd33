using System.Buffers;
using System.Text.Json;
using Oktsec.Core.Audit;
using Oktsec.Scanning;

namespace Oktsec.Storage.Sqlite;

/// <summary>Appends records on one connection, inside a transaction that the caller opened. Allocates nothing for a record without findings.</summary>
internal sealed class AuditWriter
{
    // Names come from agents and servers and may be as long as a message. Four times the longest honest one seen, a resource URI.
    private const int MaxChars = 2048;

    private readonly Statement lastSequence;
    private readonly Statement entries;
    private readonly Statement outcomes;
    private readonly Statement hours;
    private readonly ArrayBufferWriter<byte> findings = new(1024);
    private readonly Utf8JsonWriter json;
    private long sequence;
    private long notedHour = -1;

    public AuditWriter(Database database)
    {
        json = FindingsJson.CreateWriter(findings);
        lastSequence = database.Statement("SELECT max(coalesce((SELECT max(seq) FROM entries), 0), coalesce((SELECT max(seq) FROM outcomes), 0))");
        entries = database.Statement("""
            INSERT INTO entries(seq, id, time_us, door, agent, identified_by, session, backend, method, target, direction, decision, status,
              findings, arguments_hash, pipeline_us, held_id, detail, awaits_outcome)
            VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)
            """);
        outcomes = database.Statement("""
            INSERT INTO outcomes(seq, entry_seq, time_us, decision, status, findings, pipeline_us, backend_us, held_id, detail)
            VALUES(?1, (SELECT seq FROM entries WHERE id = ?2), ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            """);
        hours = database.Statement("INSERT OR IGNORE INTO hours(hour, first_seq) VALUES(?1, ?2)");
    }

    /// <summary>Learns where the log ends; other processes write to it too.</summary>
    public void Begin()
    {
        lastSequence.Step();
        sequence = lastSequence.Int64(0);
        lastSequence.Reset();
    }

    /// <summary>What was appended since <see cref="Begin"/> was rolled back.</summary>
    public void RolledBack() => notedHour = -1;

    public void Append(AuditEntry entry)
    {
        var time = Microseconds.Of(entry.Time);
        NoteHour(Microseconds.HourOf(time));
        entries.Bind(1, sequence + 1);
        entries.Bind(2, entry.Id);
        entries.Bind(3, time);
        Bind(entries, 4, entry.Door);
        Bind(entries, 5, entry.Agent);
        Bind(entries, 6, entry.IdentifiedBy);
        Bind(entries, 7, entry.Session);
        Bind(entries, 8, entry.Backend);
        Bind(entries, 9, entry.Method);
        Bind(entries, 10, entry.Target);
        Bind(entries, 11, entry.Direction);
        Bind(entries, 12, entry.Decision);
        entries.Bind(13, AuditWords.Of(entry.Status));
        Bind(entries, 14, entry.Findings);
        Bind(entries, 15, entry.ArgumentsHash);
        entries.Bind(16, entry.PipelineMicroseconds);
        Bind(entries, 17, entry.HeldId);
        Bind(entries, 18, entry.Detail);
        entries.Bind(19, entry.AwaitsOutcome ? 1 : 0);
        entries.Run();
        sequence++; // not before: a refused row must leave no gap
    }

    public void Append(AuditOutcome outcome)
    {
        outcomes.Bind(1, sequence + 1);
        outcomes.Bind(2, outcome.Id);
        outcomes.Bind(3, Microseconds.Of(outcome.Time));
        Bind(outcomes, 4, outcome.Decision);
        outcomes.Bind(5, AuditWords.Of(outcome.Status));
        Bind(outcomes, 6, outcome.Findings);
        outcomes.Bind(7, outcome.PipelineMicroseconds);
        outcomes.Bind(8, outcome.BackendMicroseconds);
        Bind(outcomes, 9, outcome.HeldId);
        Bind(outcomes, 10, outcome.Detail);
        outcomes.Run();
        sequence++;
    }

    private void NoteHour(long hour)
    {
        if (hour == notedHour)
            return;
        hours.Bind(1, hour);
        hours.Bind(2, sequence + 1);
        hours.Run();
        notedHour = hour;
    }

    private static void Bind(Statement statement, int index, string text) =>
        statement.Bind(index, text.Length <= MaxChars ? text : string.Concat(text.AsSpan(0, MaxChars - 1), "…"));

    private void Bind(Statement statement, int index, IReadOnlyList<Finding> list)
    {
        if (list.Count == 0)
        {
            statement.Bind(index, "[]");
            return;
        }
        findings.ResetWrittenCount();
        json.Reset();
        FindingsJson.Write(json, list);
        statement.BindUtf8(index, findings.WrittenSpan);
    }
}
