namespace Oktsec.Clients.Servers;

/// <summary>Whether a client asks oktsec about its own tools, and how.</summary>
/// <param name="Path">The file that says so.</param>
/// <param name="Protection">None unless it asks before every tool and after it.</param>
/// <param name="Program">The executable that is asked; null when none is.</param>
internal sealed record HookState(string Path, Protection Protection, string? Program)
{
    /// <summary>Null for a client without hooks, or whose file of hooks cannot be read.</summary>
    public static HookState? Of(FoundClient found, Machine machine)
    {
        if (found.Client.Hooks is not { } hooks || found.Files.All(f => f.Place.IsProject))
            return null;
        var path = hooks.File(machine);
        var file = found.Files.FirstOrDefault(f => f.Path == path);
        if (file is { Problem: not null })
            return null; // said already
        var commands = file?.Document is { } document ? HookRewrite.Commands(document) : [];
        var asked = hooks.Events.Select(name => commands.Where(c => c.Event == name).Select(c => HookCommandLine.Read(c.Command)).ToArray()).ToArray();
        if (asked.Any(each => each.Length == 0))
            return new HookState(path, Protection.None, null);
        var isEnforcing = asked.All(each => each.Any(c => c.Enforce));
        return new HookState(path, isEnforcing ? Protection.Enforce : Protection.Observe, asked[0][0].Program);
    }
}
