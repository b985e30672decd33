using System.Collections.Frozen;
using Microsoft.Extensions.Logging;
using Oktsec.Core.Configuration;
using Oktsec.Core.Policy;

namespace Oktsec.Gateway;

/// <summary>Compares the lists of agents with the tools that are known, when either changes: an entry that fits tools of two backends is reported and allows neither.</summary>
internal sealed partial class ListEntryGuard(CatalogueMemory memory, ILogger<ListEntryGuard> logger)
{
    /// <summary>What is ambiguous in a configuration now; each is logged.</summary>
    public IReadOnlySet<string> Check(OktsecConfig config) => Check(config, FrozenSet<string>.Empty);

    /// <summary>The policy for the tools that are known now; the same one when nothing changed. What was not ambiguous before is logged.</summary>
    public PolicySnapshot Check(PolicySnapshot policies)
    {
        var now = Check(policies.Config, policies.Ambiguous);
        return now.SetEquals(policies.Ambiguous) ? policies : policies.With(now);
    }

    private FrozenSet<string> Check(OktsecConfig config, IReadOnlySet<string> said)
    {
        var names = memory.Names(ListKind.Tools);
        var found = AmbiguousEntry.Find(config, [.. config.McpServers.SelectMany(b => names.Known(b.Name).Select(own => new CatalogTool(names.Exposed(b.Name, own), b.Name, own)))]);
        foreach (var entry in found.Where(e => !said.Contains(e.Entry)))
            Log.Ambiguous(logger, entry.Path, entry.Message, entry.Remedy);
        return found.Select(e => e.Entry).ToFrozenSet(StringComparer.Ordinal);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.AmbiguousEntry, LogLevel.Error, "{Path}: {Message}, so it allows neither; {Remedy}")]
        public static partial void Ambiguous(ILogger logger, string path, string message, string remedy);
    }
}
