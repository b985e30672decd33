using Oktsec.Clients.Files;
using Oktsec.Clients.Moving;

namespace Oktsec.Clients.Wrapping;

/// <summary>Carries out a plan, file by file. One that fails does not keep the others.</summary>
internal sealed class PlanRunner(Machine machine)
{
    private readonly Backups _backups = new(machine);
    private readonly OwnServers _servers = new(machine);

    /// <returns>What went wrong; empty when everything is done.</returns>
    public IReadOnlyList<PlanNote> Run(Plan plan)
    {
        var failed = new List<PlanNote>();
        // First: an entry that names a configuration which is not there, or does not know the agent, would deny.
        if (plan.Changes.Any(c => c.Unwrapped is not null) && OwnConfig.Prepare(machine, plan.Agents) is { } problem)
            return [.. plan.Changes.Select(c => new PlanNote(c.Client, machine.ConfigPath, null, problem, IsProblem: true)).Take(1)];
        foreach (var change in plan.Changes)
        {
            var move = plan.Moves.FirstOrDefault(m => m.Path == change.File.RealPath);
            if ((move is null ? null : _servers.Add(move)) is { } cannot)
                failed.Add(new PlanNote(change.Client, machine.ConfigPath, null, $"the servers of {change.File.Path} cannot be moved: {cannot}", IsProblem: true));
            else if (Run(change, move) is { } text)
                failed.Add(new PlanNote(change.Client, change.File.Path, null, text, IsProblem: true));
        }
        return failed;
    }

    private string? Run(FileChange change, FileMove? move)
    {
        var path = change.File.RealPath;
        try
        {
            if (change.Unwrapped is { } unwrapped)
            {
                _backups.Keep(path, unwrapped.Length == 0 ? null : unwrapped, change.After);
                var wrong = change.File.Bytes.Length == 0 ? SafeFile.Create(path, change.After) : SafeFile.Replace(path, change.File.Bytes, change.After);
                if (wrong is not null && move is not null)
                    _servers.Remove(path);
                return wrong;
            }
            var isOriginal = _backups.Latest(path) is { } latest && change.After.AsSpan().SequenceEqual(latest.Original ?? []);
            var problem = change.After.Length == 0 ? SafeFile.Delete(path, change.File.Bytes) : SafeFile.Replace(path, change.File.Bytes, change.After);
            if (problem is null && isOriginal)
                _backups.Forget(path);
            return problem ?? (_servers.Remove(path) is { } left ? $"it is as before, but {machine.ConfigPath} is not: {left}" : null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"its backup cannot be kept: {e.Message}";
        }
    }
}
