namespace Oktsec.Storage.Sqlite;

/// <summary>The tables, as the list of steps that leads to them. A step, once released, never changes.</summary>
internal static class Schema
{
    public static int Version => Steps.Length;

    /// <summary>Step n leads from version n to n + 1 (<c>PRAGMA user_version</c>).</summary>
    /// <remarks>
    /// entries and outcomes are one log: <c>seq</c> counts both together without a gap, each row is complete in its own columns
    /// and never changes, so that a hash over the columns in their order can be taken at any later time.
    /// </remarks>
    private static readonly string[] Steps =
    [
        """
        CREATE TABLE entries(
          seq INTEGER PRIMARY KEY,
          id TEXT NOT NULL UNIQUE,
          time_us INTEGER NOT NULL,
          door TEXT NOT NULL,
          agent TEXT NOT NULL,
          identified_by TEXT NOT NULL,
          session TEXT NOT NULL,
          backend TEXT NOT NULL,
          method TEXT NOT NULL,
          target TEXT NOT NULL,
          direction TEXT NOT NULL,
          decision TEXT NOT NULL,
          status TEXT NOT NULL,
          findings TEXT NOT NULL,
          arguments_hash TEXT NOT NULL,
          pipeline_us INTEGER NOT NULL,
          held_id TEXT NOT NULL,
          detail TEXT NOT NULL,
          awaits_outcome INTEGER NOT NULL
        );
        CREATE TABLE outcomes(
          seq INTEGER PRIMARY KEY,
          entry_seq INTEGER NOT NULL UNIQUE,
          time_us INTEGER NOT NULL,
          decision TEXT NOT NULL,
          status TEXT NOT NULL,
          findings TEXT NOT NULL,
          pipeline_us INTEGER NOT NULL,
          backend_us INTEGER NOT NULL,
          held_id TEXT NOT NULL,
          detail TEXT NOT NULL
        );
        -- The first entry of each hour: finds the entries since a time without an index on it, which would cost 2 µs of every call.
        CREATE TABLE hours(
          hour INTEGER PRIMARY KEY,
          first_seq INTEGER NOT NULL
        );
        CREATE TRIGGER entries_are_final BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END;
        CREATE TRIGGER entries_stay BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END;
        CREATE TRIGGER outcomes_are_final BEFORE UPDATE ON outcomes BEGIN SELECT RAISE(ABORT, 'outcomes are append-only'); END;
        CREATE TRIGGER outcomes_stay BEFORE DELETE ON outcomes BEGIN SELECT RAISE(ABORT, 'outcomes are append-only'); END;

        CREATE TABLE held(
          id TEXT PRIMARY KEY,
          time_us INTEGER NOT NULL,
          expires_us INTEGER NOT NULL,
          audit_id TEXT NOT NULL,
          agent TEXT NOT NULL,
          backend TEXT NOT NULL,
          target TEXT NOT NULL,
          what TEXT NOT NULL,
          arguments_hash TEXT NOT NULL,
          findings TEXT NOT NULL,
          sealed BLOB NOT NULL
        );
        CREATE INDEX held_by_time ON held(time_us);

        CREATE TABLE catalogues(
          backend TEXT PRIMARY KEY,
          time_us INTEGER NOT NULL,
          catalogue BLOB NOT NULL
        );

        CREATE TABLE dead_letters(
          seq INTEGER PRIMARY KEY AUTOINCREMENT,
          time_us INTEGER NOT NULL,
          webhook TEXT NOT NULL,
          event TEXT NOT NULL,
          audit_id TEXT NOT NULL,
          body BLOB NOT NULL,
          attempts INTEGER NOT NULL,
          error TEXT NOT NULL
        );
        """,
        // How much is held, kept as it changes: adding it up at each item would let a flood of items cost ever more.
        """
        CREATE TABLE held_size(bytes INTEGER NOT NULL);
        INSERT INTO held_size SELECT coalesce(sum(length(sealed) + length(CAST(findings AS BLOB)) + 512), 0) FROM held;
        CREATE TRIGGER held_grows AFTER INSERT ON held BEGIN
          UPDATE held_size SET bytes = bytes + length(NEW.sealed) + length(CAST(NEW.findings AS BLOB)) + 512;
        END;
        CREATE TRIGGER held_shrinks AFTER DELETE ON held BEGIN
          UPDATE held_size SET bytes = bytes - length(OLD.sealed) - length(CAST(OLD.findings AS BLOB)) - 512;
        END;
        """,
        // The same two tables without their indexes, each of which was a page more in every commit. An outcome names its entry by
        // place, and is found a few rows behind it; only one that came later than 256 records is in an index. See OutcomePlace.
        """
        CREATE TABLE entries_3(
          seq INTEGER PRIMARY KEY,
          id TEXT NOT NULL,
          time_us INTEGER NOT NULL,
          door TEXT NOT NULL,
          agent TEXT NOT NULL,
          identified_by TEXT NOT NULL,
          session TEXT NOT NULL,
          backend TEXT NOT NULL,
          method TEXT NOT NULL,
          target TEXT NOT NULL,
          direction TEXT NOT NULL,
          decision TEXT NOT NULL,
          status TEXT NOT NULL,
          findings TEXT NOT NULL,
          arguments_hash TEXT NOT NULL,
          pipeline_us INTEGER NOT NULL,
          held_id TEXT NOT NULL,
          detail TEXT NOT NULL,
          awaits_outcome INTEGER NOT NULL
        );
        CREATE TABLE outcomes_3(
          seq INTEGER PRIMARY KEY,
          entry_seq INTEGER NOT NULL,
          time_us INTEGER NOT NULL,
          decision TEXT NOT NULL,
          status TEXT NOT NULL,
          findings TEXT NOT NULL,
          pipeline_us INTEGER NOT NULL,
          backend_us INTEGER NOT NULL,
          held_id TEXT NOT NULL,
          detail TEXT NOT NULL
        );
        INSERT INTO entries_3 SELECT * FROM entries ORDER BY seq;
        INSERT INTO outcomes_3 SELECT * FROM outcomes ORDER BY seq;
        DROP TABLE entries;
        DROP TABLE outcomes;
        ALTER TABLE entries_3 RENAME TO entries;
        ALTER TABLE outcomes_3 RENAME TO outcomes;
        CREATE UNIQUE INDEX late_outcomes ON outcomes(entry_seq) WHERE seq > entry_seq + 256;
        CREATE TRIGGER entries_are_final BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END;
        CREATE TRIGGER entries_stay BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END;
        CREATE TRIGGER outcomes_are_final BEFORE UPDATE ON outcomes BEGIN SELECT RAISE(ABORT, 'outcomes are append-only'); END;
        CREATE TRIGGER outcomes_stay BEFORE DELETE ON outcomes BEGIN SELECT RAISE(ABORT, 'outcomes are append-only'); END;
        """,
        // Tokens of agents, and a count that every change of them raises: a running gateway asks for it before each call.
        """
        CREATE TABLE tokens(
          id TEXT PRIMARY KEY,
          agent TEXT NOT NULL,
          hash TEXT NOT NULL,
          created_us INTEGER NOT NULL,
          expires_us INTEGER,
          revoked_us INTEGER
        );
        CREATE TABLE token_changes(count INTEGER NOT NULL);
        INSERT INTO token_changes VALUES(0);
        CREATE TRIGGER token_added AFTER INSERT ON tokens BEGIN UPDATE token_changes SET count = count + 1; END;
        CREATE TRIGGER token_changed AFTER UPDATE ON tokens BEGIN UPDATE token_changes SET count = count + 1; END;
        CREATE TRIGGER token_removed AFTER DELETE ON tokens BEGIN UPDATE token_changes SET count = count + 1; END;
        """,
    ];

    /// <summary>Brings the file to this version; several processes may try at once.</summary>
    /// <exception cref="StoreException">The file was written by a newer oktsec.</exception>
    public static void Migrate(Database database) => Migrate(database, Steps);

    /// <summary>The steps to an older version, to make a file as an older oktsec left it.</summary>
    internal static IReadOnlyList<string> StepsTo(int version) => Steps[..version];

    internal static void Migrate(Database database, IReadOnlyList<string> steps)
    {
        if (VersionOf(database) == steps.Count)
            return;
        database.Execute("BEGIN IMMEDIATE");
        try
        {
            var version = VersionOf(database); // again: another process may have been first
            if (version > steps.Count)
                throw new StoreException($"the store has schema version {version}, this oktsec knows {steps.Count}: use the newer oktsec that wrote it");
            for (var step = (int)version; step < steps.Count; step++)
                database.Execute(steps[step]);
            database.Execute($"PRAGMA user_version={steps.Count}; COMMIT");
        }
        finally
        {
            if (database.IsInTransaction)
                database.Execute("ROLLBACK");
        }
    }

    private static long VersionOf(Database database) => database.Scalar("PRAGMA user_version");
}
