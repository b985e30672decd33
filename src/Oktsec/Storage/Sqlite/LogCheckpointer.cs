namespace Oktsec.Storage.Sqlite;

/// <summary>Keeps the write-ahead log short without making a call wait: copying and its fsyncs happen on a connection of their own.</summary>
internal sealed class LogCheckpointer(string path)
{
    // 4 MiB of log, SQLite's own default. One fsync pair per about 500 calls.
    private const int FramesBetween = 1000;

    // Under a load without a pause the log never becomes free in the background: past 32 MiB the writer itself copies the few
    // frames that came since, once in about 4000 calls.
    private const int FramesAtMost = 8192;

    private Task _running = Task.CompletedTask;
    private int _copiedUpTo;

    /// <summary>Called by the writer after each commit, on its own connection.</summary>
    public void AfterCommit(Database database)
    {
        var frames = database.WalFrames;
        if (frames < _copiedUpTo)
            _copiedUpTo = 0; // the log started afresh
        if (frames - _copiedUpTo < FramesBetween || !_running.IsCompleted)
            return;
        if (_copiedUpTo >= FramesAtMost)
            database.Checkpoint();
        _copiedUpTo = frames;
        _running = Task.Run(CopyInBackground);
    }

    public Task CompletionAsync() => _running;

    private void CopyInBackground()
    {
        try
        {
            using var database = Database.Open(path, fullDurability: false);
            database.Checkpoint();
        }
        catch (Exception e) when (e is SqliteException or StoreException)
        {
            // Nothing is lost: the records are in the log, and the next commit tries again. A disk that stays full fails the writer itself.
        }
    }
}
