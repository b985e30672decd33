using Oktsec.Clients.Files;

namespace Oktsec.Clients.Wrapping;

/// <summary>Carries out a plan, file by file. One that fails does not keep the others.</summary>
internal sealed class PlanRunner(Machine machine)
{
    private readonly Backups _backups = new(machine);

    /// <returns>What went wrong; empty when everything is done.</returns>
    public IReadOnlyList<PlanNote> Run(Plan plan)
    {
        var failed = new List<PlanNote>();
        // First: an entry that names a configuration which is not there, or does not know the agent, would deny.
        if (plan.Changes.Any(c => c.Unwrapped is not null) && OwnConfig.Prepare(machine, plan.Agents) is { } problem)
            return [.. plan.Changes.Select(c => new PlanNote(c.Client, machine.ConfigPath, null, problem, IsProblem: true)).Take(1)];
        foreach (var change in plan.Changes)
        {
            if (Run(change) is { } text)
                failed.Add(new PlanNote(change.Client, change.File.Path, null, text, IsProblem: true));
        }
        return failed;
    }

    private string? Run(FileChange change)
    {
        var path = change.File.RealPath;
        try
        {
            if (change.Unwrapped is { } unwrapped)
            {
                _backups.Keep(path, unwrapped, change.After);
                return SafeFile.Replace(path, change.File.Bytes, change.After);
            }
            var isOriginal = _backups.Latest(path)?.Original is { } original && original.AsSpan().SequenceEqual(change.After);
            var problem = SafeFile.Replace(path, change.File.Bytes, change.After);
            if (problem is null && isOriginal)
                _backups.Forget(path);
            return problem;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"its backup cannot be kept: {e.Message}";
        }
    }
}
