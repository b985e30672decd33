using System.Diagnostics;
using Npgsql;

namespace Oktsec.Tests.Peers;

/// <summary>A real PostgreSQL in a temporary folder, listening on loopback, with one table <c>users</c>; gone with this object.</summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    private const string Owner = "postgres";

    private readonly Process _server;
    private readonly string _folder;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> _log = [];

    private PostgresServer(Process server, string folder, int port)
    {
        _server = server;
        _folder = folder;
        Url = $"postgresql://{Owner}@127.0.0.1:{port}/postgres";
        Database = NpgsqlDataSource.Create($"Host=127.0.0.1;Port={port};Username={Owner};Database=postgres");
        server.ErrorDataReceived += OnLine;
        server.EnableRaisingEvents = true;
        server.Exited += (_, _) => _ready.TrySetException(new IOException("postgres ended: " + Log));
        server.BeginErrorReadLine();
    }

    /// <summary>What server-postgres is started with.</summary>
    public string Url { get; }

    public NpgsqlDataSource Database { get; }

    private string Log
    {
        get
        {
            lock (_log)
                return string.Join('\n', _log);
        }
    }

    public static async Task<PostgresServer> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("oktsec-pg-").FullName;
        if (Environment.IsPrivilegedProcess)
            await RunAsync("chown", Owner, folder); // postgres refuses to run as root
        var data = Path.Combine(folder, "data");
        await RunAsync(AsOwner($"{Binaries()}/initdb", "-D", data, "-U", Owner, "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"));
        var server = await ListenAsync(folder, data);
        await server.ResetAsync();
        return server;
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
        if (!_server.HasExited)
        {
            // The process may be runuser: its child, the server, gets the signal. SIGQUIT ends it at once, and the folder goes anyway.
            var pid = (await File.ReadAllLinesAsync(Path.Combine(_folder, "data", "postmaster.pid")))[0];
            await RunAsync("kill", "-QUIT", pid);
            await _server.WaitForExitAsync();
        }
        _server.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task<PostgresServer> ListenAsync(string folder, string data)
    {
        for (var attempt = 1; ; attempt++)
        {
            var port = HttpPeer.FreePort();
            // fsync off: nothing here needs to survive. The socket lives in the folder, so that two runs cannot meet.
            var start = AsOwner($"{Binaries()}/postgres", "-D", data, "-p", $"{port}", "-c", "listen_addresses=127.0.0.1",
                "-c", $"unix_socket_directories={folder}", "-c", "fsync=off", "-c", "lc_messages=C");
            var server = new PostgresServer(Process.Start(start)!, folder, port);
            try
            {
                await server._ready.Task.WaitAsync(TimeSpan.FromSeconds(60));
                return server;
            }
            catch (IOException e) when (e.Message.Contains("could not bind", StringComparison.Ordinal) && attempt < 5)
            {
                await server.Database.DisposeAsync();
                server._server.Dispose();
            }
        }
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

    private void OnLine(object sender, DataReceivedEventArgs e)
    {
        if (e.Data is null)
            return;
        lock (_log)
            _log.Add(e.Data);
        if (e.Data.Contains("ready to accept connections", StringComparison.Ordinal))
            _ready.TrySetResult();
    }
}
