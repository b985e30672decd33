using System.Diagnostics;
using Npgsql;

namespace Oktsec.Tests.Peers;

/// <summary>A real PostgreSQL in a temporary folder, listening on loopback, with one table <c>users</c>; gone with this object.</summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    private const string Owner = "postgres";

    private readonly ListeningProcess _server;
    private readonly string _folder;

    private PostgresServer(ListeningProcess server, string folder)
    {
        _server = server;
        _folder = folder;
        Url = $"postgresql://{Owner}@127.0.0.1:{server.Port}/postgres";
        Database = NpgsqlDataSource.Create($"Host=127.0.0.1;Port={server.Port};Username={Owner};Database=postgres");
    }

    /// <summary>What server-postgres is started with.</summary>
    public string Url { get; }

    public NpgsqlDataSource Database { get; }

    /// <summary>Every statement that reached it, as its own log says.</summary>
    public string Log => _server.Output;

    public static async Task<PostgresServer> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("oktsec-pg-").FullName;
        if (Environment.IsPrivilegedProcess)
            await RunAsync("chown", Owner, folder); // postgres refuses to run as root
        var data = Path.Combine(folder, "data");
        await RunAsync(AsOwner($"{Binaries()}/initdb", "-D", data, "-U", Owner, "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"));
        // fsync off: nothing here needs to survive. The socket lives in the folder, so that two runs cannot meet.
        var server = await ListeningProcess.StartAsync(
            port => AsOwner($"{Binaries()}/postgres", "-D", data, "-p", $"{port}", "-c", "listen_addresses=127.0.0.1",
                "-c", $"unix_socket_directories={folder}", "-c", "fsync=off", "-c", "lc_messages=C", "-c", "log_statement=all"),
            ready: "ready to accept connections");
        var database = new PostgresServer(server, folder);
        await database.ResetAsync();
        return database;
    }

    /// <summary>Brings back the table and its rows, whatever was done to it.</summary>
    public async Task ResetAsync()
    {
        await using var command = Database.CreateCommand("""
            DROP TABLE IF EXISTS users;
            CREATE TABLE users (id integer PRIMARY KEY, name text NOT NULL, email text, joined date, score numeric(30, 10));
            INSERT INTO users VALUES
              (1, 'Ada', 'ada@example.com', '2024-02-29', 12345678901234567890.0123456789),
              (2, 'Grüße 世界 🚀', NULL, '1999-12-31', -0.5),
              (3, 'Alan "T" \ O''Neil', 'alan@example.com', NULL, NULL);
            """);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Rows in the table; null when the table is gone.</summary>
    public async Task<long?> CountUsersAsync()
    {
        await using var exists = Database.CreateCommand("SELECT to_regclass('public.users') IS NOT NULL");
        if (!(bool)(await exists.ExecuteScalarAsync())!)
            return null;
        await using var count = Database.CreateCommand("SELECT count(*) FROM users");
        return (long)(await count.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        // SIGQUIT ends it at once but gives back its shared memory, which SIGKILL would not.
        await RunAsync("kill", "-QUIT", File.ReadLines(Path.Combine(_folder, "data", "postmaster.pid")).First());
        await _server.WaitForExitAsync();
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static string Binaries()
    {
        var versions = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql") : [];
        var found = versions.Select(v => Path.Combine(v, "bin")).Where(b => File.Exists(Path.Combine(b, "initdb"))).Order().LastOrDefault();
        return found ?? throw new InvalidOperationException("PostgreSQL's server is missing: ./test installs it (apt-get install postgresql)");
    }

    private static ProcessStartInfo AsOwner(string program, params string[] args)
    {
        var start = Environment.IsPrivilegedProcess
            ? new ProcessStartInfo("runuser", ["-u", Owner, "--", program, .. args])
            : new ProcessStartInfo(program, args);
        start.RedirectStandardError = true;
        start.RedirectStandardOutput = true;
        start.WorkingDirectory = "/";
        return start;
    }

    private static Task RunAsync(string program, params string[] args) =>
        RunAsync(new ProcessStartInfo(program, args) { RedirectStandardError = true, RedirectStandardOutput = true });

    private static async Task RunAsync(ProcessStartInfo start)
    {
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{start.FileName} {string.Join(' ', start.ArgumentList)}: {await output}{errors}");
    }
}
