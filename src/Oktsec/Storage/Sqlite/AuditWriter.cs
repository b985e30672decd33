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

    private readonly Statement _lastSequence;
    private readonly Statement _entries;
    private readonly Statement _outcomes;
    private readonly Statement _hours;
    private readonly ArrayBufferWriter<byte> _findings = new(1024);
    private readonly Utf8JsonWriter _json;
    private long _sequence;
    private long _notedHour = -1;

    public AuditWriter(Database database)
    {
        _json = FindingsJson.CreateWriter(_findings);
        _lastSequence = database.Statement("SELECT max(coalesce((SELECT max(seq) FROM entries), 0), coalesce((SELECT max(seq) FROM outcomes), 0))");
        _entries = database.Statement("""
            INSERT INTO entries(seq, id, time_us, door, agent, identified_by, session, backend, method, target, direction, decision, status,
              findings, arguments_hash, pipeline_us, held_id, detail, awaits_outcome)
            VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)
            """);
        // Null, which the column refuses, unless the entry is there, is the same call's (the file may be another by now), and has no outcome.
        _outcomes = database.Statement($"""
            INSERT INTO outcomes(seq, entry_seq, time_us, decision, status, findings, pipeline_us, backend_us, held_id, detail)
            VALUES(?1, (SELECT seq FROM entries WHERE seq = ?11 AND id = ?2 AND {OutcomePlace.Of("?11")} IS NULL), ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            """);
        _hours = database.Statement("INSERT OR IGNORE INTO hours(hour, first_seq) VALUES(?1, ?2)");
    }

    /// <summary>Learns where the log ends; other processes write to it too.</summary>
    public void Begin()
    {
        _lastSequence.Step();
        _sequence = _lastSequence.Int64(0);
        _lastSequence.Reset();
    }

    /// <summary>What was appended since <see cref="Begin"/> was rolled back.</summary>
    public void RolledBack() => _notedHour = -1;

    /// <summary>The place it has once the transaction is committed.</summary>
    public long Append(AuditEntry entry)
    {
        var time = Microseconds.Of(entry.Time);
        NoteHour(Microseconds.HourOf(time));
        _entries.Bind(1, _sequence + 1);
        _entries.Bind(2, entry.Id);
        _entries.Bind(3, time);
        Bind(_entries, 4, entry.Door);
        Bind(_entries, 5, entry.Agent);
        Bind(_entries, 6, entry.IdentifiedBy);
        Bind(_entries, 7, entry.Session);
        Bind(_entries, 8, entry.Backend);
        Bind(_entries, 9, entry.Method);
        Bind(_entries, 10, entry.Target);
        Bind(_entries, 11, entry.Direction);
        Bind(_entries, 12, entry.Decision);
        _entries.Bind(13, AuditWords.Of(entry.Status));
        Bind(_entries, 14, entry.Findings);
        Bind(_entries, 15, entry.ArgumentsHash);
        _entries.Bind(16, entry.PipelineMicroseconds);
        Bind(_entries, 17, entry.HeldId);
        Bind(_entries, 18, entry.Detail);
        _entries.Bind(19, entry.AwaitsOutcome ? 1 : 0);
        _entries.Run();
        return ++_sequence; // not before: a refused row must leave no gap
    }

    public void Append(AuditOutcome outcome)
    {
        _outcomes.Bind(1, _sequence + 1);
        _outcomes.Bind(2, outcome.Id);
        _outcomes.Bind(3, Microseconds.Of(outcome.Time));
        Bind(_outcomes, 4, outcome.Decision);
        _outcomes.Bind(5, AuditWords.Of(outcome.Status));
        Bind(_outcomes, 6, outcome.Findings);
        _outcomes.Bind(7, outcome.PipelineMicroseconds);
        _outcomes.Bind(8, outcome.BackendMicroseconds);
        Bind(_outcomes, 9, outcome.HeldId);
        Bind(_outcomes, 10, outcome.Detail);
        _outcomes.Bind(11, outcome.EntrySequence);
        _outcomes.Run();
        _sequence++;
    }

    private void NoteHour(long hour)
    {
        if (hour == _notedHour)
            return;
        _hours.Bind(1, hour);
        _hours.Bind(2, _sequence + 1);
        _hours.Run();
        _notedHour = hour;
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
        _findings.ResetWrittenCount();
        _json.Reset();
        FindingsJson.Write(_json, list);
        statement.BindUtf8(index, _findings.WrittenSpan);
    }
}
