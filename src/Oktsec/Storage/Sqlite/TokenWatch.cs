namespace Oktsec.Storage.Sqlite;

/// <summary>Whether tokens can have changed since their changes were counted, told from the shared memory of the log without a system call.</summary>
/// <remarks>
/// Every call asks. Asking the table costs a transaction, ten system calls, because our own records of calls have moved the log since; those are known
/// to change no token and are passed over here. Whatever else moved the log, in whatever process, makes the next call ask the table.
/// </remarks>
internal sealed class TokenWatch
{
    // A replaced file is seen by the next commit. Where nothing is committed, this is how long nobody looks.
    private const long MaxAgeMilliseconds = 1000;

    private readonly Lock _gate = new();
    private LogMark _mark;
    private long _changes;
    private long _lookedAt;

    /// <summary>The count, when it still holds.</summary>
    /// <param name="now">Where the log ends.</param>
    public long? Changes(LogMark now)
    {
        if (!now.IsKnown)
            return null;
        lock (_gate)
            return now == _mark && Environment.TickCount64 - _lookedAt < MaxAgeMilliseconds ? _changes : null;
    }

    /// <summary>The table was asked.</summary>
    /// <param name="mark">Where the log ended before and after.</param>
    /// <param name="changes">Its answer.</param>
    public void Counted(LogMark mark, long changes)
    {
        lock (_gate)
            (_mark, _changes, _lookedAt) = (mark, changes, Environment.TickCount64);
    }

    /// <summary>We committed, to a file that is still in its place, and changed no token.</summary>
    /// <param name="before">Where the log ended, while we held the lock for writing.</param>
    /// <param name="after">Where it ends with our commit; unknown when somebody else has committed since.</param>
    public void Committed(LogMark before, LogMark after)
    {
        lock (_gate)
        {
            if (before.IsKnown && _mark == before)
                (_mark, _lookedAt) = (after, Environment.TickCount64);
        }
    }

    /// <summary>The file is another now, or tokens were changed here.</summary>
    public void Forget()
    {
        lock (_gate)
            _mark = default;
    }
}
