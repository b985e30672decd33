using Oktsec.Clients.Documents;
using Oktsec.Clients.Files;
using Oktsec.Clients.Servers;

namespace Oktsec.Clients.Wrapping;

/// <summary>What a file is without us.</summary>
/// <remarks>
/// 1. It is byte for byte what we wrote: what it was before. 2. An entry is letter for letter what we wrote: the letters it had before.
/// 3. Else, or without a backup: what the entry itself says stands behind the proxy.
/// </remarks>
internal sealed class Unwrapper(Backups backups, Func<string, bool> isGateway)
{
    /// <exception cref="DocumentException">An entry cannot be changed safely.</exception>
    /// <exception cref="IOException">The backup cannot be trusted.</exception>
    public byte[] Unwrap(ClientFile file)
    {
        if (file.Servers.All(s => s.Proxy is null))
            return file.Bytes;
        var backup = backups.Latest(file.RealPath);
        if (backup?.Original is { } whole && backup.Wrapped.AsSpan().SequenceEqual(file.Bytes))
            return whole;
        var original = backup?.Original is { } bytes ? file.With(bytes, isGateway) : null;
        var wrapped = backup is null ? null : file.With(backup.Wrapped, isGateway);
        var document = file.Document!;
        foreach (var server in file.Servers.Where(s => s.Proxy is not null))
            document = Before(server, file, original, wrapped) is { } before
                ? document.Restore(server.Path, original!.Document!, before.Entry)
                : EntryRewrite.Unwrap(document, server);
        return file.BytesOf(document);
    }

    // The entry as it was, if since then nobody but us has touched it.
    private static ClientServer? Before(ClientServer server, ClientFile now, ClientFile? original, ClientFile? wrapped)
    {
        if (original?.Document is null || wrapped?.Document is null)
            return null;
        var ours = Same(wrapped, server);
        return ours is not null && wrapped.Document.TextOf(ours.Entry) == now.Document!.TextOf(server.Entry) ? Same(original, server) : null;
    }

    // By name: the place in a list may have changed.
    private static ClientServer? Same(ClientFile file, ClientServer server) =>
        file.Servers.Where(s => s.Name == server.Name && s.Path.Count == server.Path.Count && s.Path.SkipLast(1).SequenceEqual(server.Path.SkipLast(1))).ToArray() is [var one] ? one : null;
}
