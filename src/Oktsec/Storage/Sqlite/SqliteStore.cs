using Microsoft.Extensions.Logging;
using Oktsec.Core.Audit;
using Oktsec.Core.Identity;
using Oktsec.Core.Quarantine;

namespace Oktsec.Storage.Sqlite;

/// <summary>The store in one SQLite file. Any number of processes may have it open; any thread may call.</summary>
internal sealed partial class SqliteStore : IAuditStore, IAuditReader, IQuarantineStore, ICatalogueStore, IDeadLetterStore, ITokenStore, IAsyncDisposable
{
    private readonly string _path;
    private readonly bool _fullDurability;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly BatchWriter<StoreConnection> _writer;
    private readonly SqliteReader _reader;
    private readonly SqliteReader _tokenReader; // of its own: a long query must not keep calls waiting
    private readonly TokenWatch _tokens = new();
    private readonly LogCheckpointer _checkpointer;
    private StoreConnection? _connection; // touched inside Commit only

    private SqliteStore(string path, bool fullDurability, StoreKey key, TimeProvider time, ILogger logger)
    {
        Key = key;
        _path = path;
        _fullDurability = fullDurability;
        _time = time;
        _logger = logger;
        _writer = new BatchWriter<StoreConnection>(Commit);
        _reader = new SqliteReader(path);
        _tokenReader = new SqliteReader(path);
        _checkpointer = new LogCheckpointer(path);
    }

    /// <summary>Hashes arguments and seals held content.</summary>
    public StoreKey Key { get; }

    /// <summary>Opens the file, creating it and its folder when there is none.</summary>
    /// <exception cref="StoreException">It cannot or may not be used; the message says what to do.</exception>
    public static SqliteStore Open(string path, bool fullDurability, TimeProvider time, ILogger logger)
    {
        try
        {
            return new SqliteStore(path, fullDurability, StoreKey.Load(path), time, logger) { _connection = StoreConnection.Open(path, fullDurability) };
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"the store {path} cannot be opened: {e.Message.TrimEnd('.')}; set db_path to a file in a folder that can be written, or HOME to one", e);
        }
        catch (DllNotFoundException e)
        {
            throw new StoreException("SQLite cannot be loaded: the system has none, and does not let a program load its own from memory; install libsqlite3 (Debian: libsqlite3-0)", e);
        }
    }

    public ValueTask AppendAsync(AuditEntry entry, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return _writer.Submit(new EntryWrite(entry));
    }

    public ValueTask AppendAsync(AuditOutcome outcome, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return _writer.Submit(new OutcomeWrite(outcome));
    }

    public IReadOnlyList<AuditRow> Query(AuditQuery query) => _reader.Read(database => AuditQueries.Run(database, query));

    /// <summary>Where the log ends now.</summary>
    public long LastSequence() => _reader.Read(AuditQueries.LastSequence);

    public async ValueTask<bool> HoldAsync(HeldItem item, ReadOnlyMemory<byte> content, long maxBytes, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var write = new HoldWrite(item, Key.Seal(content.Span, item.Id, item.AuditId, item.Agent), maxBytes, _time.GetUtcNow());
        await _writer.Submit(write);
        return write.IsHeld;
    }

    public IReadOnlyList<HeldItem> List(bool includeExpired) => _reader.Read(database => HeldTable.List(database, _time.GetUtcNow(), includeExpired));

    public (HeldItem Item, byte[] Content)? Find(string id) =>
        _reader.Read(database => HeldTable.Find(database, id, _time.GetUtcNow())) is (var item, var content)
            ? (item, Key.Open(content, item.Id, item.AuditId, item.Agent))
            : null;

    public ValueTask SaveCatalogueAsync(string backend, ReadOnlyMemory<byte> catalogue, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return _writer.Submit(new CatalogueWrite(backend, _time.GetUtcNow(), catalogue));
    }

    public IReadOnlyList<SavedCatalogue> LoadCatalogues() => _reader.Read(CatalogueTable.Load);

    public ValueTask AddDeadLetterAsync(DeadLetter letter, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return _writer.Submit(new DeadLetterWrite(letter));
    }

    public IReadOnlyList<DeadLetter> ReadDeadLetters(int limit) => _reader.Read(database => DeadLetterTable.Read(database, limit));

    public ValueTask<bool> RemoveDeadLetterAsync(long sequence, CancellationToken cancel) => WriteAsync(database => DeadLetterTable.Remove(database, sequence), cancel);

    public ValueTask UpdateDeadLetterAsync(long sequence, int attempts, string error, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return _writer.Submit(new DatabaseWrite(database => DeadLetterTable.Update(database, sequence, attempts, error)));
    }

    public ValueTask<bool> AddTokenAsync(AgentToken token, CancellationToken cancel) => WriteAsync(database => TokenTable.Add(database, token), cancel);

    public ValueTask<bool> RevokeTokenAsync(string id, CancellationToken cancel) => WriteAsync(database => TokenTable.Revoke(database, id, _time.GetUtcNow()), cancel);

    public ValueTask<bool> ForgetTokenAsync(string id, CancellationToken cancel) => WriteAsync(database => TokenTable.Forget(database, id), cancel);

    public IReadOnlyList<AgentToken> ReadTokens() => _tokenReader.Read(TokenTable.Read);

    public long TokenChanges() => _tokens.Changes(_tokenReader.Mark()) ?? _tokenReader.Read(CountTokenChanges);

    public async ValueTask DisposeAsync()
    {
        await _writer.CloseAsync();
        await _checkpointer.CompletionAsync();
        _reader.Dispose();
        _tokenReader.Dispose();
        _connection?.Dispose(); // the last connection to close empties the log into the database
        _connection = null;
    }

    private async ValueTask<bool> WriteAsync(Func<Database, bool> write, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var hasChanged = false;
        await _writer.Submit(new DatabaseWrite(database => hasChanged = write(database)));
        return hasChanged;
    }

    private long CountTokenChanges(Database database)
    {
        var mark = database.Mark();
        var changes = TokenTable.Changes(database);
        if (database.Mark() == mark) // else the count may be older or newer than the mark
            _tokens.Counted(mark, changes);
        return changes;
    }

    private void Commit(List<Write<StoreConnection>> batch)
    {
        try
        {
            if (_connection?.Database.HasMoved() == true)
            {
                Log.FileReplaced(_logger, _path);
                Drop();
            }
            _connection ??= StoreConnection.Open(_path, _fullDurability);
            _connection.Commit(batch);
            if (batch.TrueForAll(w => w.IsRecord))
                _tokens.Committed(_connection.LastCommit.Before, _connection.LastCommit.After);
            else
                _tokens.Forget();
            _checkpointer.AfterCommit(_connection.Database);
        }
        catch (SqliteException e) when (e.Code == Native.Full)
        {
            throw new AuditUnavailableException($"the disk of {_path} is full", e);
        }
        catch (SqliteException e)
        {
            if (e.Code is not (Native.Busy or Native.Locked))
                Drop(); // whatever it was (the disk, the file), a new connection meets it with a clear head
            throw new AuditUnavailableException($"{_path} cannot be written: {e.Message}", e);
        }
    }

    private void Drop()
    {
        _connection?.Dispose();
        _connection = null;
        _tokens.Forget();
    }

    private sealed class EntryWrite(AuditEntry entry) : Write<StoreConnection>
    {
        public override bool IsRecord => true;

        public override void Execute(StoreConnection connection) => entry.Sequence = connection.Audit.Append(entry);
    }

    private sealed class OutcomeWrite(AuditOutcome outcome) : Write<StoreConnection>
    {
        public override bool IsRecord => true;

        public override void Execute(StoreConnection connection) => connection.Audit.Append(outcome);
    }

    private sealed class HoldWrite(HeldItem item, byte[] sealedContent, long maxBytes, DateTimeOffset now) : Write<StoreConnection>
    {
        public bool IsHeld { get; private set; }

        public override void Execute(StoreConnection connection) =>
            IsHeld = HeldTable.TryInsert(connection.Database, item, sealedContent, maxBytes, now);
    }

    private sealed class CatalogueWrite(string backend, DateTimeOffset time, ReadOnlyMemory<byte> catalogue) : Write<StoreConnection>
    {
        public override void Execute(StoreConnection connection) => CatalogueTable.Save(connection.Database, backend, time, catalogue.Span);
    }

    private sealed class DeadLetterWrite(DeadLetter letter) : Write<StoreConnection>
    {
        public override void Execute(StoreConnection connection) => DeadLetterTable.Add(connection.Database, letter);
    }

    private sealed class DatabaseWrite(Action<Database> write) : Write<StoreConnection>
    {
        public override void Execute(StoreConnection connection) => write(connection.Database);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.StoreReplaced, LogLevel.Error, "The store {Path} was deleted or replaced while open; records go to a new file from here on")]
        public static partial void FileReplaced(ILogger logger, string path);
    }
}
