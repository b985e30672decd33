using Microsoft.Extensions.Logging;
using Oktsec.Core.Audit;
using Oktsec.Core.Quarantine;

namespace Oktsec.Storage.Sqlite;

/// <summary>The store in one SQLite file. Any number of processes may have it open; any thread may call.</summary>
internal sealed partial class SqliteStore : IAuditStore, IAuditReader, IQuarantineStore, ICatalogueStore, IDeadLetterStore, IAsyncDisposable
{
    private readonly string path;
    private readonly bool fullDurability;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly BatchWriter<StoreConnection> writer;
    private readonly SqliteReader reader;
    private readonly LogCheckpointer checkpointer;
    private StoreConnection? connection; // touched inside Commit only

    private SqliteStore(string path, bool fullDurability, StoreKey key, TimeProvider time, ILogger logger)
    {
        Key = key;
        this.path = path;
        this.fullDurability = fullDurability;
        this.time = time;
        this.logger = logger;
        writer = new BatchWriter<StoreConnection>(Commit);
        reader = new SqliteReader(path);
        checkpointer = new LogCheckpointer(path);
    }

    /// <summary>Hashes arguments and seals held content.</summary>
    public StoreKey Key { get; }

    /// <summary>Opens the file, creating it and its folder when there is none.</summary>
    /// <exception cref="StoreException">It cannot or may not be used; the message says what to do.</exception>
    public static SqliteStore Open(string path, bool fullDurability, TimeProvider time, ILogger logger)
    {
        try
        {
            return new SqliteStore(path, fullDurability, StoreKey.Load(path), time, logger) { connection = StoreConnection.Open(path, fullDurability) };
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"the store {path} cannot be opened: {e.Message}", e);
        }
    }

    public ValueTask AppendAsync(AuditEntry entry, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return writer.Submit(new EntryWrite(entry));
    }

    public ValueTask AppendAsync(AuditOutcome outcome, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return writer.Submit(new OutcomeWrite(outcome));
    }

    public IReadOnlyList<AuditRow> Query(AuditQuery query) => reader.Read(database => AuditQueries.Run(database, query));

    /// <summary>Where the log ends now.</summary>
    public long LastSequence() => reader.Read(AuditQueries.LastSequence);

    public ValueTask HoldAsync(HeldItem item, ReadOnlyMemory<byte> content, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return writer.Submit(new HoldWrite(item, Key.Seal(content.Span, item.Id, item.AuditId, item.Agent)));
    }

    public IReadOnlyList<HeldItem> List(bool includeExpired) => reader.Read(database => HeldTable.List(database, time.GetUtcNow(), includeExpired));

    public (HeldItem Item, byte[] Content)? Find(string id) =>
        reader.Read(database => HeldTable.Find(database, id, time.GetUtcNow())) is (var item, var content)
            ? (item, Key.Open(content, item.Id, item.AuditId, item.Agent))
            : null;

    public ValueTask SaveCatalogueAsync(string backend, ReadOnlyMemory<byte> catalogue, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return writer.Submit(new CatalogueWrite(backend, time.GetUtcNow(), catalogue));
    }

    public IReadOnlyList<SavedCatalogue> LoadCatalogues() => reader.Read(CatalogueTable.Load);

    public ValueTask AddDeadLetterAsync(DeadLetter letter, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return writer.Submit(new DeadLetterWrite(letter));
    }

    public IReadOnlyList<DeadLetter> ReadDeadLetters(int limit) => reader.Read(database => DeadLetterTable.Read(database, limit));

    public async ValueTask DisposeAsync()
    {
        await writer.CloseAsync();
        await checkpointer.CompletionAsync();
        reader.Dispose();
        connection?.Dispose(); // the last connection to close empties the log into the database
        connection = null;
    }

    private void Commit(List<Write<StoreConnection>> batch)
    {
        try
        {
            if (connection?.Database.HasMoved() == true)
            {
                Log.FileReplaced(logger, path);
                Drop();
            }
            connection ??= StoreConnection.Open(path, fullDurability);
            connection.Commit(batch);
            checkpointer.AfterCommit(connection.Database);
        }
        catch (SqliteException e) when (e.Code == Native.Full)
        {
            throw new AuditUnavailableException($"the disk of {path} is full", e);
        }
        catch (SqliteException e)
        {
            if (e.Code is not (Native.Busy or Native.Locked))
                Drop(); // whatever it was (the disk, the file), a new connection meets it with a clear head
            throw new AuditUnavailableException($"{path} cannot be written: {e.Message}", e);
        }
    }

    private void Drop()
    {
        connection?.Dispose();
        connection = null;
    }

    private sealed class EntryWrite(AuditEntry entry) : Write<StoreConnection>
    {
        public override void Execute(StoreConnection connection) => connection.Audit.Append(entry);
    }

    private sealed class OutcomeWrite(AuditOutcome outcome) : Write<StoreConnection>
    {
        public override void Execute(StoreConnection connection) => connection.Audit.Append(outcome);
    }

    private sealed class HoldWrite(HeldItem item, byte[] sealedContent) : Write<StoreConnection>
    {
        public override void Execute(StoreConnection connection) => HeldTable.Insert(connection.Database, item, sealedContent);
    }

    private sealed class CatalogueWrite(string backend, DateTimeOffset time, ReadOnlyMemory<byte> catalogue) : Write<StoreConnection>
    {
        public override void Execute(StoreConnection connection) => CatalogueTable.Save(connection.Database, backend, time, catalogue.Span);
    }

    private sealed class DeadLetterWrite(DeadLetter letter) : Write<StoreConnection>
    {
        public override void Execute(StoreConnection connection) => DeadLetterTable.Add(connection.Database, letter);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.StoreReplaced, LogLevel.Error, "The store {Path} was deleted or replaced while open; records go to a new file from here on")]
        public static partial void FileReplaced(ILogger logger, string path);
    }
}
