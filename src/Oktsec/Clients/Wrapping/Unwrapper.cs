using Oktsec.Clients.Documents;
using Oktsec.Clients.Files;
using Oktsec.Clients.Moving;
using Oktsec.Clients.Servers;

namespace Oktsec.Clients.Wrapping;

/// <summary>What a file is without us.</summary>
/// <remarks>
/// 1. It is byte for byte what we wrote: what it was before. 2. An entry is letter for letter what we wrote: the letters it had before.
/// 3. Else, or without a backup: what the entry itself says stands behind the proxy. Hooks of ours are taken out in any case.
/// </remarks>
internal sealed class Unwrapper(Backups backups, Func<string, bool> isGateway)
{
    /// <returns>No bytes when there was no file.</returns>
    /// <exception cref="DocumentException">An entry cannot be changed safely.</exception>
    /// <exception cref="IOException">The backup cannot be trusted.</exception>
    public byte[] Unwrap(ClientFile file)
    {
        if (!file.Servers.Any(s => s.Proxy is not null || s.IsGateway || GatewayEntry.IsName(s.Name)) && !HookRewrite.IsWrapped(file.Document!))
            return file.Bytes;
        var backup = backups.Latest(file.RealPath);
        if (backup is not null && backup.Wrapped.AsSpan().SequenceEqual(file.Bytes))
            return backup.Original ?? [];
        var original = backup?.Original is { } bytes ? file.With(bytes, isGateway) : null;
        var wrapped = backup is null ? null : file.With(backup.Wrapped, isGateway);
        var document = file.Document!;
        var ours = original is null || wrapped is null ? [] : file.Servers.Where(s => Same(wrapped, s) is not null && Same(original, s) is null).ToList();
        foreach (var server in file.Servers.Where(s => s.Proxy is not null).Except(ours))
            document = Before(server, file, original, wrapped) is { } before
                ? document.Restore(server.Path, original!.Document!, before.Entry)
                : EntryRewrite.Unwrap(document, server);
        if (ours.Count > 0)
            document = MovedBack(document, ours, original!, wrapped!);
        document = HookRewrite.Unwrap(document);
        return backup is { Original: null } && document.Root is MapNode { Members.Count: 0 } ? [] : file.BytesOf(document);
    }

    // Servers that stood behind the gateway, in the place of the entry that led there.
    private static Document MovedBack(Document document, IReadOnlyList<ClientServer> ours, ClientFile original, ClientFile wrapped)
    {
        foreach (var list in original.Servers.Where(s => Same(wrapped, s) is null).GroupBy(s => string.Join('\0', s.Path.SkipLast(1))))
        {
            var path = list.First().Path.SkipLast(1).ToArray();
            foreach (var server in list.Where(s => document.Find(s.Path) is null))
                document = WithLettersOf(document.Set(server.Path, server.Entry), server, original.Document!);
            foreach (var server in ours.Where(o => o.Path.SkipLast(1).SequenceEqual(path)))
                document = document.Remove(server.Path);
        }
        return document;
    }

    private static Document WithLettersOf(Document document, ClientServer server, Document original)
    {
        try
        {
            return document.Restore(server.Path, original, server.Entry);
        }
        catch (DocumentException)
        {
            return document; // in another place its letters mean something else; its values are there
        }
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
