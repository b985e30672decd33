using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Oktsec.Clients.Servers;
using Oktsec.Configuration;
using Oktsec.Core.Identity;
using Oktsec.Identity;
using Oktsec.Storage;
using Oktsec.Storage.Sqlite;

namespace Oktsec.Clients.Wrapping;

/// <summary>The token of each wrapped client, by which it proves its name at the gateway: <c>~/.oktsec/tokens/CLIENT</c>, for its owner alone.</summary>
/// <param name="folder">Where they are kept.</param>
/// <param name="dbPath">The store that knows them.</param>
internal sealed class ClientTokens(string folder, string dbPath, TimeProvider time)
{
    // A token and a line break are 72.
    private const int MaxBytes = 1024;

    public static string FolderOf(Machine machine) => Path.Join(machine.Folder, "tokens");

    public string FileOf(string client) => Path.Join(folder, client);

    /// <summary>Gives each a token unless it has one that counts.</summary>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    /// <exception cref="StoreException">The store cannot be used.</exception>
    public async Task EnsureAsync(IEnumerable<string> clients)
    {
        await using var store = SqliteStore.Open(dbPath, fullDurability: false, time, NullLogger.Instance);
        var known = store.ReadTokens();
        foreach (var client in clients)
        {
            if (Read(client) is { } kept && known.Any(t => t.Agent == client && t.IsActiveAt(time.GetUtcNow()) && t.Hash.Matches(kept)))
                continue;
            var (token, secret) = await TokenDesk.IssueAsync(store, client, expires: null, time);
            try
            {
                Write(client, secret);
            }
            catch
            {
                await TokenDesk.EndAsync(store, token.Id, forget: true, time); // nobody has it
                throw;
            }
        }
    }

    /// <summary>Ends those of clients that pass us nowhere any more.</summary>
    /// <exception cref="IOException">A file cannot be read or removed.</exception>
    /// <exception cref="StoreException">The store cannot be used.</exception>
    public Task EndUnusedAsync(Machine machine, IReadOnlyList<FoundClient> clients) => EndAsync(
        Discovery.Find(machine, KnownClients.All.Where(k => clients.Any(c => c.Client.Id == k.Id)))
            .Where(c => c.Files.All(f => f.Servers.All(s => s.Protection == Protection.None))).Select(c => c.Client.Id));

    private async Task EndAsync(IEnumerable<string> clients)
    {
        var kept = clients.Where(c => File.Exists(FileOf(c))).ToList();
        if (kept.Count == 0 || !File.Exists(dbPath))
            return;
        await using var store = SqliteStore.Open(dbPath, fullDurability: false, time, NullLogger.Instance);
        foreach (var client in kept)
        {
            if (Read(client) is { } secret)
                await TokenDesk.EndAsync(store, TokenSecret.IdOf(secret), forget: false, time);
            File.Delete(FileOf(client));
        }
    }

    /// <summary>The token of a client; null when there is none, or what is there is none.</summary>
    /// <exception cref="IOException">Others may write it, or it cannot be read.</exception>
    public string? Read(string client)
    {
        var path = FileOf(client);
        if (!File.Exists(path))
            return null;
        var (text, problem, remedy) = SafeText.Read(path, MaxBytes);
        if (text is null)
            throw new IOException($"{path} {problem}{(remedy.Length > 0 ? "; " : "")}{remedy}");
        var secret = text.TrimEnd('\n', '\r');
        return TokenSecret.IsOne(secret) ? secret : null;
    }

    private void Write(string client, string secret)
    {
        var path = FileOf(client);
        OwnedFile.CreateFolderOf(path);
        File.Delete(path); // a file that is there keeps its mode
        using var file = OwnedFile.OpenNew(path, FileMode.CreateNew);
        file.Write(Encoding.UTF8.GetBytes(secret + "\n"));
    }
}
